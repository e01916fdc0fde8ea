// Sends prepared bodies over a few kept-open connections as fast as they are answered.
import { Agent, request } from "node:http";

export type LoadResult = { seconds: number; accepted: number; other: number; answer_ms: number[] };

type Load = {
  url: string;
  key: string;
  bodies: readonly Buffer[];
  connections: number;
  query?: string;
};

/** Each connection takes the next body when its answer is in. 429 and 503 are waited out as the answer says, and sent again. */
export async function postLoad({
  url,
  key,
  bodies,
  connections,
  query = "",
}: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const result: LoadResult = { seconds: 0, accepted: 0, other: 0, answer_ms: [] };
  let next = 0;
  const started = performance.now();
  async function lane(): Promise<void> {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      for (;;) {
        const before = performance.now();
        const answer = await post(`${url}/v1/events${query}`, key, body, agent);
        if (answer.status === 429 || answer.status === 503) {
          await new Promise((resolve) =>
            setTimeout(resolve, 1000 * Number(answer.retryAfter ?? 1)),
          );
          continue;
        }
        result.answer_ms.push(performance.now() - before);
        const counts = JSON.parse(answer.text) as { accepted?: number; outcomes?: unknown[] };
        result.accepted += counts.accepted ?? 0;
        result.other += (counts.outcomes?.length ?? 0) - (counts.accepted ?? 0);
        break;
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, lane));
  result.seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return result;
}

type Answer = { status: number; retryAfter: string | undefined; text: string };

function post(url: string, key: string, body: Buffer, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: "POST",
        agent,
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/x-ndjson",
          "content-length": body.length,
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers["retry-after"],
            text: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}
