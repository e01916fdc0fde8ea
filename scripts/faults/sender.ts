// A till that sends events until it is told to stop, and remembers exactly what was acknowledged.
import { makeRandom, type Random } from "../simulate/random.ts";

type Sent = { event_id: string; event_type: string; ts: number } & Record<string, unknown>;

type Sender = {
  /** Ids whose answer said accepted or duplicate. */
  acknowledged: Set<string>;
  /** Subjects that must have an alert once all their events are acknowledged: subject → event ids. */
  due: Map<string, string[]>;
  /** Sends batches until `stop` is aborted or the service is gone; unanswered events go first the next time. */
  run(url: string, stop: AbortSignal): Promise<void>;
};

const BATCH = 25;

/** In: an API key with events:write, and a seed. Two batches are in flight at a time; `rough`: shuffled, and one in five is sent again. */
export function makeSender(key: string, seed: string, rough = false): Sender {
  const random = makeRandom(seed);
  const acknowledged = new Set<string>();
  const due = new Map<string, string[]>();
  const unsure: Sent[] = [];
  let made = 0;

  async function post(url: string, events: Sent[], stop: AbortSignal): Promise<boolean> {
    try {
      const response = await fetch(`${url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(events),
        signal: stop,
      });
      const answer = (await response.json()) as {
        outcomes?: { event_id: string; outcome: string }[];
      };
      if (response.status !== 200 || answer.outcomes === undefined) throw new Error("not taken");
      for (const { event_id, outcome } of answer.outcomes) {
        if (outcome !== "accepted" && outcome !== "duplicate") {
          throw new Error(`${event_id}: ${outcome}`);
        }
        acknowledged.add(event_id);
      }
      return true;
    } catch {
      unsure.push(...events);
      return false;
    }
  }

  async function lane(url: string, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const again = unsure.splice(0, BATCH);
      const events = again.length > 0 ? again : nextBatch();
      if (rough) random.shuffle(events);
      const taken = await post(url, events, stop);
      if (!taken) await pause(100, stop);
      else if (rough && random.chance(0.2)) await post(url, events, stop);
    }
  }

  function nextBatch(): Sent[] {
    made += 1;
    const events = Array.from({ length: BATCH }, (_, i) =>
      saleEvent(`${seed}-${made}-${i}`, random),
    );
    if (made % 7 === 0) events.push(...suspicious(`${seed}-${made}`, due));
    return events;
  }

  return {
    acknowledged,
    due,
    async run(url, stop) {
      await Promise.all([lane(url, stop), lane(url, stop)]);
    },
  };
}

function saleEvent(id: string, random: Random): Sent {
  return {
    event_id: id,
    event_type: "sale",
    ts: Date.now() - random.int(0, 50),
    store_id: "soho",
    terminal_id: `till-${random.int(1, 3)}`,
    cashier_id: `cashier-${random.int(1, 5)}`,
    sale_id: id,
    amount: random.int(100, 9_000),
    currency: "EUR",
    tender_type: "card",
  };
}

/** A changed program on a till of its own (single event), and five declines from an address of their own (a count). */
function suspicious(id: string, due: Map<string, string[]>): Sent[] {
  const ts = Date.now();
  const changed: Sent = {
    event_id: `${id}-file`,
    event_type: "file_changed",
    ts,
    store_id: "soho",
    terminal_id: `till-${id}`,
    path: "/opt/till/app.bin",
    new_hash: "ab12",
    in_release: false,
  };
  const device = `device-${id}`;
  const declines = Array.from({ length: 5 }, (_, i) => ({
    event_id: `${id}-decline-${i}`,
    event_type: "payment",
    ts,
    store_id: "soho",
    device_id: device,
    ip: address(id),
    payment_id: `${id}-${i}`,
    outcome: "declined",
    amount: 100,
    currency: "EUR",
    card_token: `card-${id}-${i}`,
    entry_mode: "online",
  }));
  due.set(`terminal:till-${id}`, [changed.event_id]);
  due.set(
    `device:${address(id)}`,
    declines.map((event) => event.event_id),
  );
  return [changed, ...declines];
}

/** One private address per id, always the same. */
function address(id: string): string {
  const random = makeRandom(id);
  return `10.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(1, 254)}`;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
