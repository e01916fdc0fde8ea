// How much card data slips through, and how much else is masked in error, on a made-up corpus. `npm run bench:scrub`.
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { maskCardData } from "../../core/card-data.ts";
import { makeRandom, type Random } from "../simulate/random.ts";
import { LOOK_ALIKES } from "./scrub/look-alikes.ts";
import { cardItem, codeItem, leftOver, type SecretItem, trackItem } from "./scrub/secrets.ts";

const HELP = `Usage: npm run --silent bench:scrub -- [--items 200000] [--seed 1] [--samples 3]
Half of the items hold card data, half only look so. Words go to standard error, one JSON value to standard output and to
bench-results/. Exit: 0 nothing slipped through, 1 something did.`;

type Row = { kind: string; items: number; wrong: number; samples: string[] };

/** How many of a hundred texts with card data are numbers, tracks and security codes. */
const SHARES = { card: 60, track: 15 };

function secret(random: Random, nth: number): SecretItem {
  const lot = nth % 100;
  const round = Math.floor(nth / 100);
  if (lot < SHARES.card) return cardItem(random, round * SHARES.card + lot);
  if (lot < SHARES.card + SHARES.track) return trackItem(random, nth);
  return codeItem(random, nth);
}

class Tally {
  readonly #rows = new Map<string, Row>();
  readonly #samples: number;

  constructor(samples: number) {
    this.#samples = samples;
  }

  add(kind: string, sample: string | undefined): void {
    const row = this.#rows.get(kind) ?? { kind, items: 0, wrong: 0, samples: [] };
    row.items += 1;
    if (sample !== undefined) {
      row.wrong += 1;
      if (row.samples.length < this.#samples) row.samples.push(sample);
    }
    this.#rows.set(kind, row);
  }

  rows(): Row[] {
    return [...this.#rows.values()].sort((a, b) => a.kind.localeCompare(b.kind));
  }
}

function main(): number {
  const { values } = parseArgs({
    options: {
      items: { type: "string", default: "200000" },
      seed: { type: "string", default: "1" },
      samples: { type: "string", default: "3" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.error(HELP);
    return 0;
  }
  const items = Number(values.items);
  const random = makeRandom(`scrub ${values.seed}`);
  const [missed, masked] = [new Tally(Number(values.samples)), new Tally(Number(values.samples))];
  for (let nth = 0; nth < items / 2; nth += 1) {
    const item = secret(random, nth);
    const { text } = maskCardData(item.text);
    const left = leftOver(item, text);
    const sample =
      left && `${left}; ${item.detail}; ${JSON.stringify(item.text)} -> ${JSON.stringify(text)}`;
    missed.add(item.kind, sample);
  }
  const kinds = Object.entries(LOOK_ALIKES);
  for (let nth = 0; nth < items / 2; nth += 1) {
    const [kind, make] = kinds[nth % kinds.length] ?? ["", () => ""];
    const given = make(random);
    const { text } = maskCardData(given);
    masked.add(kind, text === given ? undefined : `${given} -> ${text}`);
  }
  const report = {
    at: new Date().toISOString(),
    seed: values.seed,
    misses: summed(missed.rows()),
    false_masks: summed(masked.rows()),
  };
  print("card data that slipped through", report.misses);
  print("masked in error", report.false_masks);
  console.log(JSON.stringify(report, null, 2));
  mkdirSync("bench-results", { recursive: true });
  const file = `bench-results/scrub-${report.at.replaceAll(":", "-")}.json`;
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return report.misses.wrong === 0 ? 0 : 1;
}

type Sums = { items: number; wrong: number; percent: number; kinds: Row[] };

function summed(kinds: Row[]): Sums {
  const items = kinds.reduce((sum, row) => sum + row.items, 0);
  const wrong = kinds.reduce((sum, row) => sum + row.wrong, 0);
  return { items, wrong, percent: percent(wrong, items), kinds };
}

const percent = (part: number, whole: number) => Number(((100 * part) / whole).toFixed(4));

function print(title: string, { items, wrong, percent: share, kinds }: Sums): void {
  console.error(`\n${title}: ${wrong} of ${items} (${share} %)`);
  for (const { kind, items: all, wrong: bad, samples } of kinds) {
    console.error(
      `  ${kind.padEnd(44)}${String(bad).padStart(6)} of ${all} (${percent(bad, all)} %)`,
    );
    for (const sample of samples) console.error(`      ${sample}`);
  }
}

process.exitCode = main();
