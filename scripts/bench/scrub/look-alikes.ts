// Texts full of digits that are no card number: what is masked in them is masked in error.
import type { Random } from "../../simulate/random.ts";

type Make = (random: Random) => string;

/** GS1's check digit: weights 3 and 1 from the right. Source: GS1 General Specifications §7.9. */
function withGs1Check(body: string): string {
  const sum = [...body]
    .reverse()
    .map(Number)
    .reduce((total, digit, nth) => total + (nth % 2 === 0 ? 3 * digit : digit), 0);
  return body + ((10 - (sum % 10)) % 10);
}

/** Source: ISO 13616, ISO 7064 MOD 97-10. */
function iban(random: Random, country: string, bban: string): string {
  const numbered = [...`${bban}${country}00`]
    .map((char) => (/[A-Z]/.test(char) ? String(char.charCodeAt(0) - 55) : char))
    .join("");
  let rest = 0;
  for (const digit of numbered) rest = (rest * 10 + Number(digit)) % 97;
  const whole = `${country}${String(98 - rest).padStart(2, "0")}${bban}`;
  return random.chance(0.5) ? whole : (whole.match(/.{1,4}/g) ?? []).join(" ");
}

const uuid: Make = (random) =>
  `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-a${random.hex(3)}-${random.hex(12)}`;
const moment = (random: Random) => new Date(random.int(1_500_000_000, 1_900_000_000) * 1000);

/** Everyday kinds. A number of 16 digits that stands alone and passes the check of a card cannot be told from one. */
export const LOOK_ALIKES: Readonly<Record<string, Make>> = {
  "order number, 8-12 digits": (random) => `order ${random.digits(random.int(8, 12))}`,
  "order number, 16 digits, any": (random) => `order ${random.int(1, 9)}${random.digits(15)}`,
  "order number with its day": (random) =>
    `${moment(random).toISOString().slice(0, 10).replaceAll("-", "")}-${random.digits(6)}`,
  "phone number, Germany": (random) =>
    random.pick([
      () => `+49 15${random.int(1, 9)} ${random.digits(8)}`,
      () => `+4915${random.int(1, 9)}${random.digits(8)}`,
      () => `0049 15${random.int(1, 9)} ${random.digits(8)}`,
      () => `00 49 15${random.int(1, 9)} ${random.digits(8)}`,
    ])(),
  "phone number, Britain, US, Switzerland": (random) =>
    random.pick([
      () => `+44 7${random.digits(3)} ${random.digits(6)}`,
      () => `+1 ${random.digits(3)} ${random.digits(3)} ${random.digits(4)}`,
      () => `+41 79 ${random.digits(3)} ${random.digits(2)} ${random.digits(2)}`,
    ])(),
  "two phone numbers": (random) => `tel 0${random.digits(9)}, 0${random.digits(9)}`,
  "timestamp, ms or s": (random) => String(random.int(1_400_000_000_000, 1_999_999_999_999)),
  "timestamp, µs or ns": (random) =>
    `${random.int(1_400_000_000, 1_999_999_999)}${random.pick(["000000", random.digits(6), random.digits(9)])}`,
  "time, ISO 8601": (random) => moment(random).toISOString(),
  "time, digits only": (random) =>
    moment(random)
      .toISOString()
      .replaceAll(/\D/g, "")
      .slice(0, random.pick([14, 17])),
  "two dates": (random) =>
    `${moment(random).toISOString().slice(0, 10)} ${moment(random).toISOString().slice(0, 10)}`,
  "IBAN, Germany": (random) => iban(random, "DE", random.digits(18)),
  "IBAN, France, Britain, Netherlands": (random) =>
    random.pick([
      () => iban(random, "FR", random.digits(23)),
      () => iban(random, "GB", `NWBK${random.digits(14)}`),
      () => iban(random, "NL", `ABNA${random.digits(10)}`),
    ])(),
  UUID: uuid,
  "UUIDs in JSON": (random) => JSON.stringify({ id: uuid(random), n: random.int(1, 1e9) }),
  "hash, hex": (random) => random.hex(random.pick([32, 40, 64])),
  "GTIN-13, Germany (400-440)": (random) =>
    withGs1Check(`4${random.int(0, 3)}${random.digits(10)}`),
  "GTIN-13, elsewhere": (random) =>
    withGs1Check(
      `${random.pick(["30", "50", "54", "73", "76", "87", "97", "59"])}${random.digits(10)}`,
    ),
  "GTIN-13 in words": (random) =>
    `${random.pick(["EAN", "gtin:", "barcode", "SKU"])} ${withGs1Check(`4${random.digits(11)}`)}`,
  "GTIN-14 and GTIN-12": (random) => withGs1Check(random.digits(random.pick([11, 13]))),
  "tracking, UPS and FedEx": (random) =>
    random.pick([
      () => `1Z${random.digits(16)}`,
      () => random.digits(12),
      () => `96${random.digits(20)}`,
    ])(),
  "tracking, USPS": (random) =>
    (`94001${random.digits(17)}`.match(/.{1,4}/g) ?? []).join(random.pick([" ", ""])),
  "tracking, DHL": (random) => `JJD${random.digits(18)}`,
  "IMEI, 15 digits": (random) => `35${random.digits(13)}`,
  "prices in a row": (random) =>
    Array.from({ length: 6 }, () => `${random.int(1, 99)}.${random.digits(2)}`).join(" "),
  "quantities in JSON": (random) =>
    JSON.stringify(Array.from({ length: 12 }, () => random.int(1, 9999))),
  "places on Earth": (random) =>
    `${random.int(10, 80)}.${random.digits(7)}, ${random.int(1, 99)}.${random.digits(7)}`,
  "ids of Stripe and Square": (random) =>
    random.pick([
      () => `ch_3${random.hex(6)}Lkdi${random.digits(9)}xY`,
      () => `sq0idp-${random.digits(8)}${random.hex(8)}`,
    ])(),
  "IP addresses": (random) =>
    Array.from(
      { length: 2 },
      () =>
        `${random.int(1, 255)}.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(0, 255)}:${random.int(1, 65_535)}`,
    ).join(", "),
};
