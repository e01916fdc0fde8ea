// Sigma for any events, as a library: load rules, make a matcher, match. No clock, no store, no vocabulary of ours.
export { type FlatEvent, flattenEvent } from "./match/flatten.ts";
export { createMatcher, type Matcher, type MatcherOptions } from "./match/matcher.ts";
export { faultText, type RuleFault } from "./read/fault.ts";
export { loadSigma, type SigmaRule, type SigmaRules } from "./read/load-sigma.ts";
