// The German of the rules that compare with colleagues, and of what is missing, late or far away.
import { type RuleWords, say } from "./rule-words.ts";

export const GERMAN_PATTERN_RULES: Readonly<Record<string, RuleWords>> = {
  card_impossible_travel: say(
    "Eine Karte an zwei weit entfernten Orten vorgelegt",
    "Nehmen Sie mit dieser Karte keine Zahlung mehr an. | Bitten Sie den Kunden um eine andere Karte.",
    "Ein Laden ist mit falschen Koordinaten eingetragen | Eine Kasse war offline und ihre Uhr geht falsch",
  ),
  card_spend_velocity: say(
    "Mit einer Karte wird weit mehr ausgegeben als hier üblich",
    "Prüfen Sie die Bestellungen hinter den Zahlungen, bevor etwas herausgegeben wird.",
    "Eine Firma, die für viele einkauft",
  ),
  chip_fallback_share: say(
    "Viele Chipkarten an einer Kasse durchgezogen",
    "Sehen Sie sich das Lesegerät an: Steckt etwas darauf oder darin? | Lassen Sie es vor der nächsten Schicht prüfen.",
    "Ein abgenutztes Lesegerät",
  ),
  country_mismatch: say(
    "Erster Kauf, mit einer Karte aus einem anderen Land als der Käufer",
    "Halten Sie die Lieferung zurück, bis Sie den Kunden erreicht haben. | Vergleichen Sie Rechnungs- und Lieferadresse; verlangen Sie einen zweiten Nachweis.",
    "Jemand auf Reisen | Ein Kunde, der einen Dienst für mehr Privatsphäre benutzt",
  ),
  keyed_entry_share: say(
    "Weit mehr Kartennummern eingetippt als bei anderen",
    "Verlangen Sie zu jeder eingetippten Zahlung den Zettel oder die Bestellung.",
    "Telefonische Bestellungen an einer Kasse",
  ),
  scheme_limit_burn_down: say(
    "Nahe an der Grenze des Kartensystems",
    "Sprechen Sie vor Monatsende mit Ihrer Händlerbank. | Erstatten Sie, was klar Betrug ist, bevor es angefochten wird.",
    "Eine schlechte Lieferung, die viele Kunden zugleich anfechten",
  ),
  ticket_size_outlier: say(
    "Ein Bon weit abseits des Üblichen dieser Stunde",
    "Sehen Sie sich den Bon an und wie er bezahlt wurde.",
    "Eine große Bestellung | Ein Tippfehler im Betrag",
  ),
  gift_card_without_tender: say(
    "Eine Geschenkkarte wurde aktiviert und nichts bezahlt",
    "Sperren Sie die Geschenkkarte, bis die Zahlung gefunden ist. | Fragen Sie an der Kasse, wie der Bon bezahlt wurde.",
    "Ersatz für eine fehlerhafte Karte | Eine Zahlung, die die Kasse auf einen anderen Bon gebucht hat",
  ),
  cash_refund_no_customer: say(
    "Bargeld erstattet, als niemand da war",
    "Sehen Sie sich die Aufnahme der Kasse aus dieser Minute an. | Verlangen Sie den Beleg und die zurückgebrachte Ware.",
    "Eine ruhige Stunde mit einem Kunden, der etwas zurückbrachte",
  ),
  refund_rate: say(
    "Weit mehr Erstattungen als bei anderen",
    "Sehen Sie sich die Erstattungen dieses Tages einzeln an und vergleichen Sie sie mit den Belegen.",
    "Dienst am Rückgabeschalter | Fehlerhafte Ware, die viele zurückbrachten",
  ),
  line_void_rate: say(
    "Weit mehr Zeilen vor dem Bezahlen gelöscht als bei anderen",
    "Vergleichen Sie gelöschte Zeilen mit der Aufnahme: Blieb die Ware da?",
    "Ein Scanner, der doppelt liest",
  ),
  suspended_not_recalled: say(
    "Ein geparkter Bon wurde nie abgeschlossen",
    "Finden Sie heraus, ob die Ware noch da ist. | Schließen Sie den Bon gemeinsam mit der Person ab, die ihn geparkt hat.",
    "Eine Bestellung auf Rechnung, die bis zur Zahlung geparkt bleibt",
  ),
  void_rate: say(
    "Weit mehr Stornos als bei anderen",
    "Sehen Sie sich die stornierten Verkäufe einzeln an.",
    "Jemand Neues, der noch lernt",
  ),
  deposit_missing: say(
    "Keine Einzahlung nach dem Tagesabschluss",
    "Zählen Sie den Tresor zu zweit. | Fragen Sie die Bank nach den letzten Einzahlungen.",
    "Ein Bankfeiertag | Ein Laden, der einmal in der Woche einzahlt",
  ),
  drawer_never_closed: say(
    "Eine Kassenlade wurde nie geschlossen",
    "Schließen Sie die Lade und zählen Sie sie zu zweit.",
    "Ein Sensor, der das Schließen nicht meldet",
  ),
  paid_outs_above_colleagues: say(
    "Weit öfter Bargeld ausgezahlt als bei anderen",
    "Verlangen Sie zu jeder Auszahlung den Beleg.",
    "Der Tag, an dem Lieferanten bar bezahlt werden",
  ),
  generic_item_share: say(
    "Weit mehr freie Warengruppen und eingetippte Artikel als bei anderen",
    "Vergleichen Sie einige der Bons mit der Ware.",
    "Ein kaputter Scanner oder unlesbare Etiketten",
  ),
  price_override_rate: say(
    "Weit mehr Preisänderungen als bei anderen",
    "Sehen Sie nach, wer gekauft hat und ob dieselben Kunden wiederkommen.",
    "Eine Aktion, deren Preise noch nicht in der Kasse sind",
  ),
  staff_discount_use: say(
    "Personalrabatt weit öfter benutzt als bei anderen",
    "Sehen Sie nach, wer gekauft hat: Stehen sie auf der Personalliste?",
    "Ein Verkaufstag für das Personal",
  ),
  first_last_hour: say(
    "Auffälliges häuft sich in der ersten oder letzten Stunde",
    "Sehen Sie sich diese Erstattungen und Stornos einzeln an; war ein Kunde da?",
    "Jemand, der nur früh oder spät arbeitet",
  ),
  scan_gap: say(
    "Eine lange Pause beim Scannen",
    "Sehen Sie sich die Aufnahme dieser Minute an.",
    "Ein Preis, der nachgesehen werden musste",
  ),
  unexpected_egress: say(
    "Eine Kasse spricht mit einer neuen Gegenstelle",
    "Fragen Sie, wer die Kasse betreut, ob eine Aktualisierung es erklärt. | Trennen Sie die Kasse vom Netz, wenn niemand die Gegenstelle kennt.",
    "Eine Aktualisierung der Kasse oder ihres Anbieters",
  ),
};
