// What the admin command line can do. Add an act: one function in a file beside this one, one line here.
import type { Act } from "./act.ts";
import { sourceToken } from "./asking-acts.ts";
import { backtestCancel, backtestShow, backtestStart } from "./backtest-acts.ts";
import {
  channelAdd,
  channelList,
  channelRemove,
  channelSwitch,
  channelTest,
} from "./channel-acts.ts";
import { sourceGuide, sourceHealth, sourceTest } from "./connection-acts.ts";
import { merchantRetention, personErase, personErasures } from "./data-acts.ts";
import { keyCreate, keyList, keyRevoke } from "./key-acts.ts";
import { rulePrecisionShow, ruleSuggest } from "./label-acts.ts";
import {
  merchantCreate,
  merchantEmail,
  merchantLanguage,
  merchantList,
  merchantNoise,
} from "./merchant-acts.ts";
import { staffList, staffSet, storeList, storeSet } from "./place-acts.ts";
import { onCallSet, onCallShow, routeAdd, routeList, routeRemove } from "./routing-acts.ts";
import {
  exclusionList,
  exclusionRemove,
  exclusionSet,
  listAdd,
  listRemove,
  listShow,
  ruleSet,
  ruleShow,
  snoozeAdd,
  snoozeEnd,
  snoozeList,
} from "./rule-acts.ts";
import {
  auditAnchors,
  auditExport,
  auditKey,
  auditList,
  auditVerify,
  link,
} from "./service-acts.ts";
import { sourceAdd, sourceConfirm, sourceList, sourceRemove, sourceSecret } from "./source-acts.ts";

/** All acts. Quarantine and alerts are reached over the HTTP API: `/v1/quarantine`, `/v1/alerts`. */
export const ACTS: readonly Act[] = [
  merchantCreate,
  merchantList,
  merchantEmail,
  merchantLanguage,
  merchantNoise,
  merchantRetention,
  personErase,
  personErasures,
  keyCreate,
  keyList,
  keyRevoke,
  sourceAdd,
  sourceList,
  sourceConfirm,
  sourceSecret,
  sourceToken,
  sourceGuide,
  sourceTest,
  sourceHealth,
  sourceRemove,
  storeSet,
  storeList,
  staffSet,
  staffList,
  channelAdd,
  channelList,
  channelSwitch,
  channelTest,
  channelRemove,
  routeAdd,
  routeList,
  routeRemove,
  onCallSet,
  onCallShow,
  link,
  auditVerify,
  auditList,
  auditKey,
  auditExport,
  auditAnchors,
  ruleSet,
  ruleShow,
  rulePrecisionShow,
  ruleSuggest,
  snoozeAdd,
  snoozeList,
  snoozeEnd,
  listAdd,
  listShow,
  listRemove,
  exclusionSet,
  exclusionList,
  exclusionRemove,
  backtestStart,
  backtestShow,
  backtestCancel,
];

export function findAct(name: string): Act | undefined {
  return ACTS.find((act) => act.name === name);
}
