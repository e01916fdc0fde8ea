// Events per second against many rules of the public collection's shape, on one core, beside the same rules without index.
// Prints one JSON value. `node scripts/bench/matcher.ts [rules] [events]`
import { createMatcher, flattenEvent } from "../../detectors/engine/sigma.ts";
import { processEvents, sigmaShapedRules } from "./sigma-shape.ts";

const rules = Number(process.argv[2] ?? 3000);
const count = Number(process.argv[3] ?? 50_000);
const plans = sigmaShapedRules(rules, 7);
const events = processEvents(count, 11, plans);

function measure(plain: boolean, most: number) {
  const matcher = createMatcher(
    plans.map((plan) => ({ plan })),
    { plain },
  );
  const some = events.slice(0, most);
  const seconds: number[] = [];
  let matches = 0;
  for (let round = 0; round < 3; round += 1) {
    matches = 0;
    const started = process.hrtime.bigint();
    for (const event of some) matches += matcher.match(event).length;
    seconds.push(Number(process.hrtime.bigint() - started) / 1e9);
  }
  const best = Math.min(...seconds);
  return { perSecond: some.length / best, matches, stats: matcher.stats() };
}

/** From a line of JSON to the rules' names, as `rules -- match` does it. */
function fromJson(): number {
  const matcher = createMatcher(plans.map((plan) => ({ plan })));
  const lines = events.map((event) => JSON.stringify(Object.fromEntries(event)));
  const started = process.hrtime.bigint();
  for (const line of lines) matcher.match(flattenEvent(JSON.parse(line)));
  return lines.length / (Number(process.hrtime.bigint() - started) / 1e9);
}

const few = Math.min(2000, count);
const started = process.hrtime.bigint();
const indexed = measure(false, count);
const plain = measure(true, few);
const sameFew = measure(false, few);
if (plain.matches !== sameFew.matches) throw new Error("the index changed the matches");
console.log(
  JSON.stringify({
    events: count,
    matches: indexed.matches,
    ...indexed.stats,
    events_per_second: Math.round(indexed.perSecond),
    from_json_per_second: Math.round(fromJson()),
    without_index_per_second: Math.round(plain.perSecond),
    ratio: Number((indexed.perSecond / plain.perSecond).toFixed(1)),
    heap_mib: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
    seconds: Number(process.hrtime.bigint() - started) / 1e9,
  }),
);
