// Cards as a provider shows them, from a made-up mix of issuers; no card number exists anywhere in the simulator.
import type { Random } from "./random.ts";
import type { Issuer, PayCard } from "./shop.ts";

const BRANDS = [
  { starts: ["4"], share: 52 },
  { starts: ["51", "52", "53", "54", "55", "22"], share: 38 },
  { starts: ["34", "37"], share: 6 },
  { starts: ["6011", "65"], share: 4 },
];

/** Sixty issuer ranges whose shares fall off as in real life: a few banks have most of the cards. */
export function makeIssuers(random: Random): Issuer[] {
  const issuers: Issuer[] = [];
  for (let i = 0; i < 60; i += 1) {
    const brand = BRANDS[random.weighted(BRANDS.map((one) => one.share))] ?? BRANDS[0];
    const start = random.pick(brand?.starts ?? ["4"]);
    issuers.push({
      bin: start + random.digits(6 - start.length),
      issuer_country: random.chance(0.86) ? "GB" : random.pick(["IE", "FR", "DE", "US", "ES"]),
      weight: 1 / (i + 1) ** 0.9,
    });
  }
  return issuers;
}

export function cardOf(random: Random, issuer: Pick<Issuer, "bin" | "issuer_country">): PayCard {
  return {
    // As long as a digest: a shorter run of digits could pass for a card number at the door.
    card_token: `card-${random.hex(32)}`,
    bin: issuer.bin,
    last4: random.digits(4),
    card_expiry: `${random.int(2027, 2031)}-${String(random.int(1, 12)).padStart(2, "0")}`,
    card_has_chip: true,
    issuer_country: issuer.issuer_country,
  };
}

export function makeCard(random: Random, issuers: readonly Issuer[]): PayCard {
  const issuer = issuers[random.weighted(issuers.map((one) => one.weight))];
  return cardOf(random, issuer ?? { bin: "400000", issuer_country: "GB" });
}
