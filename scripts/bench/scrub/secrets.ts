// Texts that hold card data: what must not be in them afterwards comes with each.
import type { Random } from "../../simulate/random.ts";
import { makeCard, SCHEME_NAMES, WRITINGS } from "./cards.ts";

export type SecretItem = {
  kind: string;
  detail: string;
  text: string;
  card: string;
  /** Texts that must be gone, such as a name or a security code that stands alone. */
  alsoGone: readonly RegExp[];
};

const WORDS = [
  "paid with",
  "card",
  "Karte",
  "refund to",
  "n° de carte",
  "zahlt mit",
  "Nr.:",
  "pan=",
];
const AFTER = ["", ".", " ok", ", thanks", " exp 12/29", ' "', ")", " (Visa)", "\nnext line"];
const NAMES = ["DOE/JANE", "MUELLER/ANNA M", "SMITH/JOHN.MR"];

const sentence = (random: Random, card: string) =>
  `${random.pick(WORDS)} ${card}${random.pick(AFTER)}`;

/** Where a number turns up. */
const PLACES: Readonly<Record<string, (random: Random, card: string) => string>> = {
  alone: (_, card) => card,
  "in a sentence": sentence,
  "in a JSON text": (random, card) =>
    JSON.stringify({ note: random.pick(WORDS), card: { number: card }, qty: random.int(1, 9) }),
  "in JSON in JSON": (random, card) =>
    JSON.stringify({ body: JSON.stringify({ id: random.int(1, 9), pan: card }) }),
  "in a file name": (random, card) => `/tmp/scan_${card}_${random.int(1, 99)}.pdf`,
  "in a CSV row": (random, card) => `${random.int(1, 999)};${card};${random.int(10, 99)},00`,
  "in an address": (random, card) => `https://shop.example/pay?n=${card}&id=${random.hex(6)}`,
  "in a log line": (random, card) =>
    `ERROR [till-${random.int(1, 9)}] auth failed pan=${card} rc=05`,
  "behind a number": (random, card) => `order ${random.int(1, 99_999)} ${card}`,
};
/** What cannot stand in a file name or a JSON value as it is written. */
const PLAIN = new Set(["alone", "in a sentence", "in a CSV row", "behind a number"]);

export function cardItem(random: Random, nth: number): SecretItem {
  const scheme = SCHEME_NAMES[nth % SCHEME_NAMES.length] ?? "visa";
  const writings = Object.entries(WRITINGS);
  const [writing, write] = writings[Math.floor(nth / SCHEME_NAMES.length) % writings.length] ?? [];
  const places = Object.entries(PLACES).filter(
    ([name]) => PLAIN.has(name) || !/line ends|tabs|slashes/.test(writing ?? ""),
  );
  const [place, put] = random.pick(places);
  const card = makeCard(random, scheme);
  return {
    kind: `card number, ${writing}`,
    detail: `${scheme}, ${place}`,
    text: put(random, write?.(random, card) ?? card),
    card,
    alsoGone: [],
  };
}

export function trackItem(random: Random, nth: number): SecretItem {
  const card = makeCard(random, random.pick(["visa", "mastercard", "amex", "discover"]));
  const data = `29${random.int(10, 12)}${random.pick(["101", "201"])}${random.digits(10)}`;
  const name = random.pick(NAMES);
  const forms = {
    "track 1": `%B${card}^${name}^${data}?`,
    "track 1 without sentinels": `B${card}^${name}^${data}`,
    "track 2": `;${card}=${data}?`,
    "track 2 without sentinels": `${card}=${data}`,
    "track 2 of a chip": `${card}D${data}F`,
  };
  const [kind, track] = Object.entries(forms)[nth % 5] ?? ["", ""];
  const put = random.pick([
    (text: string) => text,
    (text: string) => `swiped ${text} at till ${random.int(1, 9)}`,
    (text: string) => JSON.stringify({ raw: text }),
  ]);
  const alsoGone = [
    new RegExp(data.slice(4)),
    ...(kind.startsWith("track 1") ? [/[A-Z]\/[A-Z]/] : []),
  ];
  return { kind, detail: "", text: put(track), card, alsoGone };
}

export function codeItem(random: Random, nth: number): SecretItem {
  const scheme = random.pick(["visa", "mastercard", "amex", "discover", "unionpay", "jcb"]);
  const card = makeCard(random, scheme);
  const code = madeCode(random, scheme === "amex" ? 4 : 3, card);
  const spaced = (card.match(/.{1,4}/g) ?? []).join(" ");
  const forms: Readonly<Record<string, string>> = {
    "named cvv": `${spaced} exp 09/29 cvv ${code}`,
    "named CVC2:": `CVC2: ${code}, number ${card}`,
    "security code": `card ${card} security code is ${code}`,
    "in JSON": JSON.stringify({ number: card, cvv: code }),
    "number as JSON": `{"number":"${card}","cvc":${code}}`,
    "expiry and code": `${spaced} 09/29 ${code}`,
    "bars between": `${card}|09|2029|${code}`,
    "right behind": `${card} ${code}`,
    "right behind, in groups": `${spaced} ${code}`,
  };
  const [form, text] = Object.entries(forms)[nth % Object.keys(forms).length] ?? ["", ""];
  return {
    kind: `security code, ${form}`,
    detail: scheme,
    text,
    card,
    alsoGone: [new RegExp(`(?<!\\d)${code}(?!\\d)`)],
  };
}

/** One that stands nowhere else in such a text. */
function madeCode(random: Random, size: number, card: string): string {
  for (;;) {
    const code = random.digits(size);
    if (!card.includes(code) && !/^20|^0?[0-9]{2}29$/.test(code) && code !== "029") return code;
  }
}

/** What of the item still stands in the masked text; undefined: nothing. */
export function leftOver(item: SecretItem, masked: string): string | undefined {
  const digits = asciiDigits(masked)
    .replaceAll(/\*+/g, "x")
    .replaceAll(/&nbsp;|%2[0D]|\\u00a0|\\n/g, "")
    .replaceAll(/[^0-9A-Za-z]/g, "");
  for (let at = 0; at + 7 <= item.card.length; at += 1) {
    if (digits.includes(item.card.slice(at, at + 7))) return "digits of the number";
  }
  return item.alsoGone.some((text) => text.test(masked)) ? "what stood beside it" : undefined;
}

const asciiDigits = (text: string) =>
  text
    .replaceAll(/[\uff10-\uff19]/g, (d) => String(d.charCodeAt(0) - 0xff10))
    .replaceAll(/[\u0660-\u0669]/g, (d) => String(d.charCodeAt(0) - 0x0660));
