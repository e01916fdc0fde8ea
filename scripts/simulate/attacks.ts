// Every attack that the simulator knows, in the order in which the demo shows them: the most telling first.
import type { Attack } from "./attack.ts";
import { binAttack } from "./scenarios/bin-attack.ts";
import { cardDeclinedAgain } from "./scenarios/card-declined-again.ts";
import { cardDeclinedOnline } from "./scenarios/card-declined-online.ts";
import { cardNumberInNote } from "./scenarios/card-number-in-note.ts";
import { cardTestingOnline } from "./scenarios/card-testing-online.ts";
import { cardTestingTerminal } from "./scenarios/card-testing-terminal.ts";
import { cashShort } from "./scenarios/cash-short.ts";
import { clearTextLink } from "./scenarios/clear-text-link.ts";
import { customerManyCards } from "./scenarios/customer-many-cards.ts";
import { discountsAtCeiling } from "./scenarios/discounts-at-ceiling.ts";
import { disputeWave } from "./scenarios/dispute-wave.ts";
import { drawerAfterVoid } from "./scenarios/drawer-after-void.ts";
import { forcedApproval } from "./scenarios/forced-approval.ts";
import { giftCardBulkActivation } from "./scenarios/gift-card-bulk-activation.ts";
import { giftCardQuickDrain } from "./scenarios/gift-card-quick-drain.ts";
import { highDiscounts } from "./scenarios/high-discounts.ts";
import { leaverActivity } from "./scenarios/leaver-activity.ts";
import { logGap } from "./scenarios/log-gap.ts";
import { newAdmin } from "./scenarios/new-admin.ts";
import { nightVisit } from "./scenarios/night-visit.ts";
import { noSaleOpenings } from "./scenarios/no-sale-openings.ts";
import { offHoursSales } from "./scenarios/off-hours-sales.ts";
import { passwordBruteForce } from "./scenarios/password-brute-force.ts";
import { passwordSpray } from "./scenarios/password-spray.ts";
import { payoutAccountChanged } from "./scenarios/payout-account-changed.ts";
import { refundToOtherTender } from "./scenarios/refund-to-other-tender.ts";
import { refundWithoutSale } from "./scenarios/refund-without-sale.ts";
import { refundsToOneCard } from "./scenarios/refunds-to-one-card.ts";
import { secondFactorRemoved } from "./scenarios/second-factor-removed.ts";
import { selfRefund } from "./scenarios/self-refund.ts";
import { successAfterFailures } from "./scenarios/success-after-failures.ts";
import { tillFileChanged } from "./scenarios/till-file-changed.ts";
import { tillNeglected } from "./scenarios/till-neglected.ts";
import { tillTampered } from "./scenarios/till-tampered.ts";
import { unexpectedProcess } from "./scenarios/unexpected-process.ts";
import { voidAfterTender } from "./scenarios/void-after-tender.ts";
import { weakPassword } from "./scenarios/weak-password.ts";
import { weakTls } from "./scenarios/weak-tls.ts";

export const ATTACKS: readonly Attack[] = [
  cardTestingTerminal,
  refundWithoutSale,
  tillFileChanged,
  successAfterFailures,
  cardNumberInNote,
  refundsToOneCard,
  noSaleOpenings,
  weakTls,
  secondFactorRemoved,
  binAttack,
  voidAfterTender,
  newAdmin,
  offHoursSales,
  nightVisit,
  giftCardQuickDrain,
  highDiscounts,
  unexpectedProcess,
  passwordBruteForce,
  cashShort,
  cardTestingOnline,
  payoutAccountChanged,
  refundToOtherTender,
  leaverActivity,
  clearTextLink,
  discountsAtCeiling,
  cardDeclinedAgain,
  customerManyCards,
  passwordSpray,
  cardDeclinedOnline,
  giftCardBulkActivation,
  forcedApproval,
  disputeWave,
  weakPassword,
  tillTampered,
  selfRefund,
  drawerAfterVoid,
  tillNeglected,
  logGap,
];
