// What Tillwatch looks for: the rule files, by name. To add one, write the file and add its line here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { highestLevel, type Level } from "../core/level.ts";
import { compileRuleset, detectionsBelow, isNode, typesMet } from "./engine/live/compile.ts";
import type { Mode, Rule, Ruleset, SubjectRef } from "./engine/plan.ts";
import { loadRules, type RuleFile } from "./engine/read/load.ts";

/** Files below `detectors/rules/`, without `.yml`. */
export const RULE_FILES = [
  "shared",
  "cards/bin-enumeration",
  "cards/block-list-hit",
  "cards/card-repeated-declines",
  "cards/card-testing-source",
  "cards/card-velocity",
  "cards/cards-per-customer",
  "cards/cards-per-device",
  "cards/chip-fallback",
  "cards/customer-cycling-cards",
  "cards/customers-per-card",
  "cards/dispute-arrived",
  "cards/forced-or-offline-approval",
  "cards/guest-card-declines",
  "cards/micro-amount-probes",
  "cards/rapid-re-tap",
  "cards/split-tender",
  "gift-cards/gift-card-balance-probing",
  "gift-cards/gift-card-bulk-activation",
  "gift-cards/gift-card-quick-drain",
  "gift-cards/refund-gift-card-to-staff",
  "refunds/discount-then-reversal",
  "refunds/no-receipt-refund",
  "refunds/override-to-gift-card",
  "refunds/price-adjust-skim",
  "refunds/refund-below-limit",
  "refunds/refund-to-other-tender",
  "refunds/refunds-to-one-card",
  "refunds/self-refund",
  "refunds/staff-card-own-till",
  "refunds/stale-refund",
  "voids/cancel-at-payment",
  "voids/drawer-after-void",
  "voids/void-after-tender",
  "voids/void-by-other-cashier",
  "cash/cash-over-short",
  "cash/deposit-missing-or-short",
  "cash/drawer-left-open",
  "cash/no-sale-opens",
  "cash/paid-out-abuse",
  "discounts/coupon-reuse",
  "discounts/discount-at-ceiling",
  "discounts/high-discount",
  "discounts/price-override-rate",
  "discounts/watched-item-override",
  "discounts/zero-or-penny-sale",
  "staff/approval-sharing",
  "staff/item-moved-between-checks",
  "staff/leaver-activity",
  "staff/loyalty-self-scan",
  "staff/not-clocked-in",
  "staff/off-hours-activity",
  "staff/staff-redeems-points",
  "staff/tip-inflation",
  "staff/training-mode-activity",
  "access/bulk-export",
  "access/mfa-missing-or-removed",
  "access/new-device-new-country",
  "access/password-spray",
  "access/privilege-or-payout-change",
  "access/sign-in-brute-force",
  "access/success-after-failures",
  "access/weak-password",
  "terminals/card-data-in-clear",
  "terminals/file-integrity-change",
  "terminals/silence",
  "terminals/stale-or-tampered-terminal",
  "terminals/tls-or-gateway-change",
  "terminals/unexpected-process",
] as const;

/** Files below `detectors/analytics/`, without `.yml`: what Sigma cannot say. A row that has both has a file of its name in both. */
export const ANALYTIC_FILES = [
  "cards/card-impossible-travel",
  "cards/card-spend-velocity",
  "cards/chip-fallback",
  "cards/country-mismatch",
  "cards/keyed-entry-share",
  "cards/scheme-limit-burn-down",
  "cards/ticket-size-outlier",
  "gift-cards/gift-card-without-tender",
  "refunds/cash-refund-no-customer",
  "refunds/refund-rate",
  "voids/line-void-rate",
  "voids/suspended-not-recalled",
  "voids/void-rate",
  "cash/deposit-missing-or-short",
  "cash/drawer-left-open",
  "cash/paid-out-abuse",
  "discounts/generic-item-share",
  "discounts/price-override-rate",
  "discounts/staff-discount-use",
  "staff/first-last-hour",
  "staff/scan-gaps",
  "terminals/unexpected-egress",
] as const;

/** The texts of all rule files, with paths as a reader of the repository sees them. */
export function readRuleFiles(): RuleFile[] {
  const read = (path: string) => ({
    path: `detectors/${path}.yml`,
    text: readFileSync(join(import.meta.dirname, `${path}.yml`), "utf8"),
  });
  return [
    ...RULE_FILES.map((name) => read(`rules/${name}`)),
    ...ANALYTIC_FILES.map((name) => read(`analytics/${name}`)),
  ];
}

/** All rules. Throws RULE_INVALID with every mistake. */
export function loadCatalogue(): Ruleset {
  return loadRules(readRuleFiles());
}

/** What docs and consoles say about a rule. `window` is its span in ms, or null for single events. */
export type RuleInfo = {
  rule: string;
  detection: string;
  group: string;
  title: string;
  description: string;
  level: Level;
  highestLevel: Level;
  mode: Mode;
  version: number;
  subject: readonly SubjectRef[];
  windowMs: number | null;
  eventTypes: readonly string[];
  fields: readonly string[];
  tags: readonly string[];
  doNow: readonly string[];
  elseExplains: readonly string[];
  playbook: string | null;
  file: string;
};

/** One entry a rule, in the order of the files. */
export function describeRules(ruleset: Ruleset): RuleInfo[] {
  const live = compileRuleset(ruleset, 2).rules;
  return ruleset.rules.map((rule) => {
    const root = live.find((one) => one.rule === rule)?.root;
    const below = root === undefined ? [] : detectionsBelow(root);
    const types = new Set(below.flatMap(typesMet));
    const fields = live.find((one) => one.rule === rule)?.fields ?? [];
    return {
      ...infoOf(rule),
      windowMs: root !== undefined && isNode(root) ? root.plan.spanMs : null,
      eventTypes: [...types].sort(),
      fields,
    };
  });
}

function infoOf(rule: Rule): Omit<RuleInfo, "windowMs" | "eventTypes" | "fields"> {
  const { title, description, level, mode, version, subject, tags, playbook, file } = rule;
  const group = file.split("/").at(-2) ?? "";
  const highest = rule.tiers.reduce((most, tier) => highestLevel(most, tier.level), level);
  return {
    ...{ rule: rule.name, detection: rule.detection, group, title, description, level },
    ...{ highestLevel: highest, mode, version, subject, tags, playbook, file },
    doNow: rule.doNow,
    elseExplains: rule.elseExplains,
  };
}
