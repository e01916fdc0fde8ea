// A queue of things that will happen, in order of time; things at one instant keep the order in which they were planned.

type Entry = { ts: number; order: number; run: (ts: number) => void };

export type Agenda = {
  plan(ts: number, run: (ts: number) => void): void;
  /** The next instant at which something happens; Infinity when nothing is planned. */
  nextMs(): number;
  runNext(): void;
};

const before = (a: Entry, b: Entry) => a.ts < b.ts || (a.ts === b.ts && a.order < b.order);

function siftUp(heap: Entry[], from: number): void {
  let at = from;
  const entry = heap[at] as Entry;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(entry, heap[parent] as Entry)) break;
    heap[at] = heap[parent] as Entry;
    at = parent;
  }
  heap[at] = entry;
}

function siftDown(heap: Entry[], entry: Entry): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, heap[child] as Entry)) child += 1;
    if (!before(heap[child] as Entry, entry)) break;
    heap[at] = heap[child] as Entry;
    at = child;
  }
  heap[at] = entry;
}

export function makeAgenda(): Agenda {
  const heap: Entry[] = [];
  let order = 0;
  return {
    plan(ts, run) {
      order += 1;
      heap.push({ ts, order, run });
      siftUp(heap, heap.length - 1);
    },
    nextMs: () => heap[0]?.ts ?? Number.POSITIVE_INFINITY,
    runNext() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return;
      if (heap.length > 0) siftDown(heap, last);
      first.run(first.ts);
    },
  };
}
