// Every attack that the simulator knows, in the order in which the demo shows them: the most telling first.
import type { Attack } from "./attack.ts";
import { alwaysAtClosing } from "./scenarios/always-at-closing.ts";
import { approvalCodeOnANote } from "./scenarios/approval-code-on-a-note.ts";
import { approvalOfTheAbsent } from "./scenarios/approval-of-the-absent.ts";
import { binAttack } from "./scenarios/bin-attack.ts";
import { blockedAddressAgain } from "./scenarios/blocked-address-again.ts";
import { cancelledWithCashDue } from "./scenarios/cancelled-with-cash-due.ts";
import { cardDeclinedAgain } from "./scenarios/card-declined-again.ts";
import { cardDeclinedOnline } from "./scenarios/card-declined-online.ts";
import { cardInTwoCities } from "./scenarios/card-in-two-cities.ts";
import { cardNumberInNote } from "./scenarios/card-number-in-note.ts";
import { cardOfManyCustomers } from "./scenarios/card-of-many-customers.ts";
import { cardSpendsAFortune } from "./scenarios/card-spends-a-fortune.ts";
import { cardTappedAgain } from "./scenarios/card-tapped-again.ts";
import { cardTestingOnline } from "./scenarios/card-testing-online.ts";
import { cardTestingTerminal } from "./scenarios/card-testing-terminal.ts";
import { cardUsedAllDay } from "./scenarios/card-used-all-day.ts";
import { cardsKeyedIn } from "./scenarios/cards-keyed-in.ts";
import { cashShort } from "./scenarios/cash-short.ts";
import { chipCardSwiped } from "./scenarios/chip-card-swiped.ts";
import { clearTextLink } from "./scenarios/clear-text-link.ts";
import { codeAtTwoTills } from "./scenarios/code-at-two-tills.ts";
import { codeUsedOffTheClock } from "./scenarios/code-used-off-the-clock.ts";
import { coffeeCarriedAlong } from "./scenarios/coffee-carried-along.ts";
import { colleagueVoids } from "./scenarios/colleague-voids.ts";
import { couponFromTheDrawer } from "./scenarios/coupon-from-the-drawer.ts";
import { customerManyCards } from "./scenarios/customer-many-cards.ts";
import { customerPaymentsFailing } from "./scenarios/customer-payments-failing.ts";
import { customersExported } from "./scenarios/customers-exported.ts";
import { depositShort } from "./scenarios/deposit-short.ts";
import { discountAndBack } from "./scenarios/discount-and-back.ts";
import { discountsAtCeiling } from "./scenarios/discounts-at-ceiling.ts";
import { disputeWave } from "./scenarios/dispute-wave.ts";
import { disputesWithoutEnd } from "./scenarios/disputes-without-end.ts";
import { drawerAfterVoid } from "./scenarios/drawer-after-void.ts";
import { drawerAsPurse } from "./scenarios/drawer-as-purse.ts";
import { drawerOpenForMinutes } from "./scenarios/drawer-open-for-minutes.ts";
import { errandsFromTheDrawer } from "./scenarios/errands-from-the-drawer.ts";
import { firstOrderFromAbroad } from "./scenarios/first-order-from-abroad.ts";
import { forcedApproval } from "./scenarios/forced-approval.ts";
import { giftCardBulkActivation } from "./scenarios/gift-card-bulk-activation.ts";
import { giftCardNumbersGuessed } from "./scenarios/gift-card-numbers-guessed.ts";
import { giftCardQuickDrain } from "./scenarios/gift-card-quick-drain.ts";
import { giftCardUnpaid } from "./scenarios/gift-card-unpaid.ts";
import { guestCardGuessed } from "./scenarios/guest-card-guessed.ts";
import { highDiscounts } from "./scenarios/high-discounts.ts";
import { leaverActivity } from "./scenarios/leaver-activity.ts";
import { linesTakenOff } from "./scenarios/lines-taken-off.ts";
import { logGap } from "./scenarios/log-gap.ts";
import { newAdmin } from "./scenarios/new-admin.ts";
import { nightVisit } from "./scenarios/night-visit.ts";
import { noDepositAtAll } from "./scenarios/no-deposit-at-all.ts";
import { noSaleOpenings } from "./scenarios/no-sale-openings.ts";
import { nothingScanned } from "./scenarios/nothing-scanned.ts";
import { offHoursSales } from "./scenarios/off-hours-sales.ts";
import { ownCardRefunded } from "./scenarios/own-card-refunded.ts";
import { passwordBruteForce } from "./scenarios/password-brute-force.ts";
import { passwordSpray } from "./scenarios/password-spray.ts";
import { payoutAccountChanged } from "./scenarios/payout-account-changed.ts";
import { pointsRedeemedByStaff } from "./scenarios/points-redeemed-by-staff.ts";
import { pointsToOwnAccount } from "./scenarios/points-to-own-account.ts";
import { priceAdjustedLater } from "./scenarios/price-adjusted-later.ts";
import { priceBelowCost } from "./scenarios/price-below-cost.ts";
import { pricesChangedAllDay } from "./scenarios/prices-changed-all-day.ts";
import { readerBlocked } from "./scenarios/reader-blocked.ts";
import { refundCardSpentByStaff } from "./scenarios/refund-card-spent-by-staff.ts";
import { refundOfLongAgo } from "./scenarios/refund-of-long-ago.ts";
import { refundToOtherTender } from "./scenarios/refund-to-other-tender.ts";
import { refundWithoutCustomer } from "./scenarios/refund-without-customer.ts";
import { refundWithoutSale } from "./scenarios/refund-without-sale.ts";
import { refundsAllDay } from "./scenarios/refunds-all-day.ts";
import { refundsToOneCard } from "./scenarios/refunds-to-one-card.ts";
import { refundsUnderTheLimit } from "./scenarios/refunds-under-the-limit.ts";
import { salesInTrainingMode } from "./scenarios/sales-in-training-mode.ts";
import { secondFactorRemoved } from "./scenarios/second-factor-removed.ts";
import { selfRefund } from "./scenarios/self-refund.ts";
import { sessionCopied } from "./scenarios/session-copied.ts";
import { soldAsOther } from "./scenarios/sold-as-other.ts";
import { soldForNothing } from "./scenarios/sold-for-nothing.ts";
import { staffDiscountForFriends } from "./scenarios/staff-discount-for-friends.ts";
import { successAfterFailures } from "./scenarios/success-after-failures.ts";
import { taxOffToGiftCard } from "./scenarios/tax-off-to-gift-card.ts";
import { ticketOfThousands } from "./scenarios/ticket-of-thousands.ts";
import { ticketOverManyCards } from "./scenarios/ticket-over-many-cards.ts";
import { ticketParkedForGood } from "./scenarios/ticket-parked-for-good.ts";
import { tillCallsHome } from "./scenarios/till-calls-home.ts";
import { tillFileChanged } from "./scenarios/till-file-changed.ts";
import { tillNeglected } from "./scenarios/till-neglected.ts";
import { tillTampered } from "./scenarios/till-tampered.ts";
import { tinyPayments } from "./scenarios/tiny-payments.ts";
import { tipsRaised } from "./scenarios/tips-raised.ts";
import { unexpectedProcess } from "./scenarios/unexpected-process.ts";
import { voidAfterTender } from "./scenarios/void-after-tender.ts";
import { voidsAllDay } from "./scenarios/voids-all-day.ts";
import { watchedArticleRepriced } from "./scenarios/watched-article-repriced.ts";
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
  guestCardGuessed,
  customerPaymentsFailing,
  tinyPayments,
  cardTappedAgain,
  cardUsedAllDay,
  cardOfManyCustomers,
  chipCardSwiped,
  ticketOverManyCards,
  giftCardNumbersGuessed,
  refundCardSpentByStaff,
  tipsRaised,
  coffeeCarriedAlong,
  pointsToOwnAccount,
  pointsRedeemedByStaff,
  salesInTrainingMode,
  codeUsedOffTheClock,
  codeAtTwoTills,
  approvalOfTheAbsent,
  approvalCodeOnANote,
  ownCardRefunded,
  refundsUnderTheLimit,
  refundOfLongAgo,
  priceAdjustedLater,
  taxOffToGiftCard,
  discountAndBack,
  colleagueVoids,
  cancelledWithCashDue,
  drawerOpenForMinutes,
  errandsFromTheDrawer,
  depositShort,
  priceBelowCost,
  soldForNothing,
  couponFromTheDrawer,
  customersExported,
  sessionCopied,
  cardInTwoCities,
  readerBlocked,
  tillCallsHome,
  blockedAddressAgain,
  watchedArticleRepriced,
  noDepositAtAll,
  refundsAllDay,
  voidsAllDay,
  linesTakenOff,
  pricesChangedAllDay,
  soldAsOther,
  cardsKeyedIn,
  drawerAsPurse,
  staffDiscountForFriends,
  nothingScanned,
  cardSpendsAFortune,
  ticketOfThousands,
  firstOrderFromAbroad,
  refundWithoutCustomer,
  giftCardUnpaid,
  ticketParkedForGood,
  alwaysAtClosing,
  disputesWithoutEnd,
];
