import { expect, it } from "vitest";
import { maskCardData } from "../../../core/card-data.ts";
import { makeRandom } from "../../simulate/random.ts";
import { isLuhn, makeCard, SCHEME_NAMES, WRITINGS } from "./cards.ts";
import { LOOK_ALIKES } from "./look-alikes.ts";
import { cardItem, codeItem, leftOver, type SecretItem, trackItem } from "./secrets.ts";

const makers: Record<string, (random: ReturnType<typeof makeRandom>, nth: number) => SecretItem> = {
  cardItem,
  trackItem,
  codeItem,
};

it.each(Object.keys(makers))("the corpus of %s: nothing slips through", (name) => {
  const random = makeRandom(`test ${name}`);
  const every = SCHEME_NAMES.length * Object.keys(WRITINGS).length;
  for (let nth = 0; nth < 4 * every; nth += 1) {
    const item = makers[name]?.(random, nth) as SecretItem;
    const masked = maskCardData(item.text).text;
    if (leftOver(item, masked)) expect(`${item.kind}: ${item.text}`).toBe(masked);
    // The measure itself sees what is left where nothing is masked.
    expect(leftOver(item, item.text)).toBeDefined();
  }
});

it("few look-alikes are masked in error: one in a hundred of all, nothing at all of most kinds", () => {
  const random = makeRandom("test look-alikes");
  const masked = new Set<string>();
  let [wrong, all] = [0, 0];
  for (const [kind, make] of Object.entries(LOOK_ALIKES)) {
    for (let nth = 0; nth < 300; nth += 1) {
      const text = make(random);
      all += 1;
      if (maskCardData(text).text === text) continue;
      wrong += 1;
      masked.add(kind);
    }
  }
  expect(wrong / all).toBeLessThan(0.01);
  expect(masked.size).toBeLessThan(8);
});

it("made cards pass the check by the book", () => {
  const random = makeRandom("cards");
  for (const scheme of SCHEME_NAMES) expect(isLuhn(makeCard(random, scheme))).toBe(true);
  expect(isLuhn("4111111111111112")).toBe(false);
});
