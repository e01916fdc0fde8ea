import { expect, it } from "vitest";
import type { MailLink } from "../../core/mail-link.ts";
import { fitsLink, linkIdOf, linkToken } from "./link-token.ts";

const KEY = "k".repeat(43);
const link: MailLink = {
  id: "0123456789abcdef0123456789abcdef",
  merchant_id: "mer_1",
  mail_id: "mail_1",
  alert_id: "alt_1",
  recipient: "owner@corner.example",
  act: "acknowledge",
  created_at: 1,
  expires_at: 2,
  spent_at: null,
  spent_address: null,
};
const token = linkToken(KEY, link);

it("fits its own link, spent or not, and says nothing of alert or person", () => {
  expect(fitsLink(KEY, token, link)).toBe(true);
  expect(fitsLink(KEY, token, { ...link, spent_at: 5, spent_address: "x" } as MailLink)).toBe(true);
  expect(linkIdOf(token)).toBe(link.id);
  for (const part of [token, Buffer.from(token, "base64url").toString("latin1")]) {
    expect(part).not.toMatch(/alt_1|owner|corner|mer_1/);
  }
});

it.each([
  ["another merchant", { merchant_id: "mer_2" }],
  ["another mail", { mail_id: "mail_2" }],
  ["another alert", { alert_id: "alt_2" }],
  ["another person", { recipient: "other@corner.example" }],
  ["another act", { act: "fraud" }],
  ["another expiry", { expires_at: 3 }],
  ["another link", { id: "f".repeat(32) }],
] as const)("does not fit %s", (_, change) => {
  expect(fitsLink(KEY, token, { ...link, ...change })).toBe(false);
});

it("does not fit under another key, or with one sign changed anywhere", () => {
  expect(fitsLink("j".repeat(43), token, link)).toBe(false);
  for (let n = 0; n < token.length - 1; n += 1) {
    const changed = `${token.slice(0, n)}${token[n] === "a" ? "b" : "a"}${token.slice(n + 1)}`;
    expect(fitsLink(KEY, changed, link)).toBe(false);
  }
});

it.each([
  "",
  "ml_",
  `${token} `,
  token.slice(0, -1),
  `${token}a`,
  token.slice(3),
  token.replace("ml_", "ML_"),
  `${token.slice(0, 20)}\u0000${token.slice(21)}`,
])("%j is no token", (text) => {
  expect(linkIdOf(text)).toBeUndefined();
  expect(fitsLink(KEY, text, link)).toBe(false);
});
