// Reads one metric of a running service: the sum over its labels.

/** 0 where the metric is not there. */
export async function readMetric(url: string, token: string, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  let sum = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      sum += Number(line.split(" ").at(-1));
  }
  return sum;
}
