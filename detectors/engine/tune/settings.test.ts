import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue, readRuleFiles } from "../../catalogue.ts";
import {
  type Decided,
  decideEntries,
  decideExclusion,
  decideExclusionEnd,
  decideRule,
  decideSnooze,
  decideSnoozeEnd,
  LIST_LEAD_MS,
  type Standing,
} from "./change.ts";
import { type ListChange, listBook, lookupIn } from "./lists.ts";
import { type Change, fateOf, settingsOf } from "./settings.ts";
import { createTuner } from "./tuned.ts";

const NOW = Date.UTC(2026, 10, 25, 12);
const DAY_MS = 86_400_000;
const tuner = createTuner(loadCatalogue(), readRuleFiles);
const RULE = "card_testing_by_ip";
const reason = "seen by the owner";

/** Plays decisions one after the other, a minute apart, as the store would keep them. */
function made(...steps: ((standing: Standing) => readonly Decided[])[]): Standing {
  const changes: Change[] = [];
  let now = NOW;
  const standing = (): Standing => {
    const newest = new Map(changes.filter(({ kind }) => kind !== "list").map((c) => [c.key, c]));
    const lists = changes.filter(({ kind }) => kind === "list");
    const inForce = [...newest.values(), ...lists].sort((a, b) => a.seq - b.seq);
    return { settings: settingsOf(inForce), tuner, now };
  };
  for (const step of steps) {
    for (const one of step(standing())) changes.push({ ...one, seq: changes.length + 1, at: now });
    now += 60_000;
  }
  return standing();
}

const FINDING = {
  rule: RULE,
  detection: "card-testing-source",
  subject: "device:203.0.113.9" as const,
  group: { ip: "203.0.113.9" },
  ts: NOW + 10_000,
};
const ruleOf = (name: string) => tuner.catalogue.rules.find((rule) => rule.name === name);
const fate = ({ settings }: Standing, change: Partial<typeof FINDING> = {}) =>
  fateOf({ ...FINDING, ...change }, settings, ruleOf(RULE));
const versionOf = ({ settings }: Standing, name = RULE) =>
  tuner.tune(settings).ruleset.rules.find((rule) => rule.name === name)?.version;

describe("modes and knobs", () => {
  it("nothing set: every finding is told, and the catalogue itself is what runs", () => {
    expect(fate(made())).toEqual({ shadow: false, hidden_by: null });
    expect(tuner.tune(made().settings).ruleset.rules).toEqual(tuner.catalogue.rules);
  });

  it("shadow keeps findings from being told; the ruleset stays the same object", () => {
    const shadow = made((s) => decideRule(s, { rule: RULE, mode: "shadow", reason }));
    expect(fate(shadow).shadow).toBe(true);
    expect(tuner.tune(shadow.settings).ruleset).toBe(tuner.tune(made().settings).ruleset);
  });

  it("off takes the rule out of what runs, alert brings it back", () => {
    const off = made((s) => decideRule(s, { rule: RULE, mode: "off", reason }));
    const mode = ({ settings }: Standing) =>
      tuner.tune(settings).ruleset.rules.find(({ name }) => name === RULE)?.mode;
    expect(mode(off)).toBe("off");
    const on = made(
      (s) => decideRule(s, { rule: RULE, mode: "off", reason }),
      (s) => decideRule(s, { rule: RULE, mode: "alert", reason }),
    );
    expect(mode(on)).not.toBe("off");
  });

  it("a turned knob is another version, the same values the same one, the file's value the file's", () => {
    const turned = (declines: number | null) => (s: Standing) =>
      decideRule(s, { rule: RULE, knobs: { declines }, reason });
    const seven = versionOf(made(turned(7)));
    expect(seven).toBeGreaterThan(2 ** 32);
    expect(Number.isSafeInteger(seven)).toBe(true);
    expect(versionOf(made(turned(8), turned(7)))).toBe(seven);
    expect(versionOf(made(turned(8)))).not.toBe(seven);
    expect(versionOf(made(turned(7), turned(null)))).toBe(1);
    expect(versionOf(made(turned(5)))).toBe(1);
    expect(versionOf(made(turned(7)), "bin_enumeration")).toBe(
      versionOf(made(), "bin_enumeration"),
    );
  });

  it.each([
    [{ rule: "card_testing_by_ipp", mode: "off" as const }, 'Did you mean "card_testing_by_ip"'],
    [{ rule: RULE }, "nothing to change"],
    [{ rule: RULE, knobs: { declines: 51 } }, "between 3 and 50"],
    [{ rule: RULE, knobs: { declines: Number.NaN } }, "between 3 and 50"],
    [{ rule: RULE, knobs: { decline: 7 } }, 'no knob "decline"'],
    [{ rule: RULE, knobs: { decline: null } }, 'no knob "decline"'],
    [{ rule: RULE, mode: "off" as const, reason: " " }, "reason is needed"],
    [{ rule: RULE, mode: "off" as const, reason: "card 4111 1111 1111 1111" }, "card number"],
  ])("refuses %j", (asked, says) => {
    expect(() => decideRule(made(), { reason, ...asked })).toThrow(says);
  });

  it("settings that the catalogue no longer fits are left out, the others stay", () => {
    const value = { knobs: { declines: 900, gone: 1 } };
    const settings = settingsOf([
      { seq: 1, at: NOW, kind: "settings", key: RULE, value },
      { seq: 2, at: NOW, kind: "settings", key: "no_such_rule", value: { mode: "off" } },
      { seq: 3, at: NOW, kind: "exclusion", key: "old", value: { text: "name: old\nfilter: {}" } },
    ]);
    const { ruleset, faults } = tuner.tune(settings);
    expect(ruleset.rules.map(({ version }) => version)).toEqual(
      tuner.catalogue.rules.map(({ version }) => version),
    );
    expect(faults).toHaveLength(1);
  });
});

describe("snoozes", () => {
  const snooze = (rule: string, subject: string, days = 7) =>
    made((s) => decideSnooze(s, { rule, subject, until: s.now + days * DAY_MS, reason }));

  it.each([
    ["the rule", RULE, {}, 1],
    ["its detection", "card-testing-source", {}, 1],
    ["all rules", "*", {}, 1],
    ["another rule", "bin_enumeration", {}, null],
    ["another subject", RULE, { subject: "device:203.0.113.10" as const }, null],
    ["before it", RULE, { ts: NOW - 1 }, null],
    ["its first ms", RULE, { ts: NOW }, 1],
    ["its last ms", RULE, { ts: NOW + 7 * DAY_MS - 1 }, 1],
    ["after it", RULE, { ts: NOW + 7 * DAY_MS }, null],
  ] as const)("%s", (_, rule, change, by) => {
    const hidden = fate(snooze(rule, FINDING.subject), change as Partial<typeof FINDING>);
    expect(hidden.hidden_by).toBe(by);
  });

  it("an ended one hides nothing more, and what it hid stays hidden", () => {
    const ended = made(
      (s) =>
        decideSnooze(s, { rule: "*", subject: FINDING.subject, until: s.now + DAY_MS, reason }),
      (s) => decideSnoozeEnd(s, { seq: 1, reason }),
    );
    expect(fate(ended, { ts: NOW + 61_000 }).hidden_by).toBeNull();
    expect(fate(ended, { ts: NOW + 59_000 }).hidden_by).not.toBeNull();
    expect(() => decideSnoozeEnd(ended, { seq: 1, reason })).toThrow("No such snooze");
  });

  it.each([
    [{ subject: "nobody" }, "type:id"],
    [{ subject: "robot:1" }, "type:id"],
    [{ subject: "card:" }, "type:id"],
    [{ subject: "card:4111111111111111" }, "card number"],
    [{ until: NOW }, "in the future"],
    [{ until: NOW + 91 * DAY_MS }, "90 days"],
    [{ rule: "card_testing" }, "no rule"],
  ])("refuses %j", (change, says) => {
    const asked = { rule: "*", subject: "cashier:k7", until: NOW + DAY_MS, reason, ...change };
    expect(() => decideSnooze(made(), asked)).toThrow(says);
  });
});

describe("lists", () => {
  const add =
    (list: string, value: string, until: number | null = null) =>
    (s: Standing) =>
      decideEntries(s, { list, values: [value], listed: true, until, owner: "Ann", reason });
  const remove = (list: string, value: string) => (s: Standing) =>
    decideEntries(s, { list, values: [value], listed: false, until: null, owner: "Ann", reason });

  it("allow hides findings on the value, from the lead on until it is taken off", () => {
    const allowed = made(add("allow", "203.0.113.9"));
    expect(fate(allowed, { ts: NOW + LIST_LEAD_MS - 1 }).hidden_by).toBeNull();
    expect(fate(allowed, { ts: NOW + LIST_LEAD_MS }).hidden_by).toBe(1);
    const taken = made(add("allow", "203.0.113.9"), remove("allow", "203.0.113.9"));
    expect(fate(taken, { ts: NOW + 60_000 + LIST_LEAD_MS - 1 }).hidden_by).toBe(1);
    expect(fate(taken, { ts: NOW + 60_000 + LIST_LEAD_MS }).hidden_by).toBeNull();
    expect(() => remove("allow", "203.0.113.9")(taken)).toThrow("not on the list");
  });

  it("block hides nothing; case does not matter; an entry ends by itself", () => {
    expect(fate(made(add("block", "203.0.113.9"))).hidden_by).toBeNull();
    const { settings } = made(add("watch", "SKU-Ä", NOW + DAY_MS));
    expect(settings.lists.has("watch", "sku-ä", NOW + DAY_MS - 1)).toBe(true);
    expect(settings.lists.has("watch", "sku-ä", NOW + DAY_MS)).toBe(false);
  });

  it.each([
    [{ list: "My List" }, "small letters"],
    [{ values: ["4111-1111-1111-1111"] }, "card number"],
    [{ values: [] }, "at least one"],
    [{ values: ["a\nb"] }, "control characters"],
    [{ until: NOW }, "in the future"],
  ])("refuses %j", (change, says) => {
    const asked = { list: "block", values: ["x"], listed: true, until: null, owner: "", reason };
    expect(() => decideEntries(made(), { ...asked, ...change })).toThrow(says);
  });

  it("both readings of a list agree at every time (property)", () => {
    const step = fc.record({
      value: fc.constantFrom("a", "B", "b"),
      listed: fc.boolean(),
      gap: fc.nat(5),
      until: fc.option(fc.nat(40), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let from = 0;
        const changes = steps.map(({ value, listed, gap, until }, nth): ListChange => {
          from += gap;
          return { seq: nth + 1, from, list: "l", value, listed, until };
        });
        const book = listBook(changes);
        const sql = lookupIn(book.forSql);
        for (let ts = 0; ts < 45; ts += 1) {
          for (const value of ["a", "b"]) {
            const last = changes.filter(
              (one) => one.value.toLowerCase() === value && one.from <= ts,
            );
            const newest = last.at(-1);
            const plain = newest?.listed === true && (newest.until === null || ts < newest.until);
            expect(book.has("l", value, ts)).toBe(plain);
            expect(sql("l", value, ts)).toBe(plain);
          }
        }
      }),
    );
  });
});

describe("exclusions", () => {
  const filter = (change: Partial<Record<"name" | "rules" | "more", string>> = {}) => `
title: Our own office
name: ${change.name ?? "own_office"}
logsource: { product: tillwatch, category: payment }
filter:
  rules: ${change.rules ?? "[card_declined]"}
  selection: { ip: 203.0.113.9 }
  condition: selection
tillwatch: { owner: Ann, reason: our own address, expires: 2026-12-31 }
${change.more ?? ""}`;
  const exclude = (text: string) => (s: Standing) => decideExclusion(s, { text, reason });

  it("changes what the rule says, so its version, and goes again", () => {
    const excluded = made(exclude(filter()));
    expect(versionOf(excluded)).toBeGreaterThan(2 ** 32);
    expect(versionOf(excluded, "sign_in_brute_force_by_account")).toBe(
      versionOf(made(), "sign_in_brute_force_by_account"),
    );
    const gone = made(exclude(filter()), (s) =>
      decideExclusionEnd(s, { name: "own_office", reason }),
    );
    expect(versionOf(gone)).toBe(1);
    expect(() => decideExclusionEnd(gone, { name: "own_office", reason })).toThrow("no exclusion");
  });

  it("may name a list of the merchant's", () => {
    const text = filter().replace("ip: 203.0.113.9", "'ip|expand': '%offices%'");
    expect(() => made(exclude(text))).toThrow('no list "offices"');
    const entries = (s: Standing) =>
      decideEntries(s, {
        ...{ list: "offices", values: ["203.0.113.9"], listed: true, until: null },
        ...{ owner: "", reason },
      });
    expect(versionOf(made(entries, exclude(text)))).toBeGreaterThan(2 ** 32);
  });

  it.each([
    ["a rule that is not there", filter({ rules: "[card_declinedd]" }), "no detection rule here"],
    ["no filter", "name: x\ndetection: {}", "one Sigma filter"],
    ["a name that is a rule's", filter({ name: RULE }), "used twice"],
    [
      "a rule beside the filter",
      filter({
        more: "---\ntitle: T\nid: 00000000-0000-4000-8000-000000000001\nname: extra\nlogsource: { product: tillwatch, category: payment }\ndetection: { s: { amount: 1 }, condition: s }",
      }),
      "filter alone",
    ],
  ])("refuses %s", (_, text, says) => {
    expect(() => made(exclude(text))).toThrow(says);
  });
});
