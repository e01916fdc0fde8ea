// The German of the rules about cards, gift cards, discounts and refunds.
import { type RuleWords, say } from "./rule-words.ts";

export const GERMAN_CARD_RULES: Readonly<Record<string, RuleWords>> = {
  bin_enumeration: say(
    "Viele Karten einer Nummernreihe in einem Laden abgelehnt",
    "Schalten Sie bei Ihrem Zahlungsanbieter den Schutz gegen Kartentests ein, oder lassen Sie die Reihe {bin} für einen Tag sperren. | Erstatten Sie kleine Zahlungen aus dieser Reihe, die durchgingen.",
    "Eine örtliche Bank war gestört und ihre Kunden wurden abgelehnt",
  ),
  blocked_payment: say(
    "Eine Zahlung von der Sperrliste",
    "Erstatten oder verweigern Sie die Zahlung, bevor Ware den Laden verlässt. | Sehen Sie in der Liste nach, warum sie dort steht.",
    "Der Eintrag ist alt | und Karte oder Adresse gehört jetzt jemand anderem",
  ),
  blocked_sign_in: say(
    "Eine Anmeldung von der Sperrliste",
    "Beenden Sie alle Sitzungen des Kontos und ändern Sie sein Passwort, falls die Anmeldung gelang. | Sehen Sie in der Liste nach, warum sie dort steht.",
    "Der Eintrag ist alt | und die Adresse gehört jetzt jemand anderem",
  ),
  card_repeated_declines: say(
    "Eine Karte an der Kasse immer wieder abgelehnt",
    "Bitten Sie um eine andere Zahlungsart und tippen Sie die Karte nicht ein. | Ging der letzte Versuch durch, vergleichen Sie Unterschrift oder Namen mit der Karte.",
    "Die Karte ist am Limit | Das Lesegerät ist verschmutzt oder die Leitung schlecht",
  ),
  card_repeated_declines_online: say(
    "Eine Karte im Internet immer wieder abgelehnt",
    "Sehen Sie sich Bestellung und Lieferadresse an, bevor Sie etwas verschicken. | Sperren Sie die Karte bei Ihrem Zahlungsanbieter, wenn die Bestellung keinen Sinn ergibt.",
    "Ablaufdatum oder Prüfziffer vertippt",
  ),
  card_testing_by_ip: say(
    "Viele abgelehnte Karten von einer Internetadresse",
    "Sperren Sie die Adresse bei Ihrem Zahlungsanbieter, oder schalten Sie dort den Schutz gegen Kartentests ein. | Erstatten Sie jede kleine Zahlung von dieser Adresse, die durchging. | Beobachten Sie die nächste Stunde; die Adresse kann wechseln.",
    "Ihre Bank oder Ihr Anbieter war gestört | Ein Kunde mit mehreren abgelaufenen Karten",
  ),
  card_testing_by_device: say(
    "Viele abgelehnte Karten von einem Gerät",
    "Sperren Sie das Gerät oder seine Adresse bei Ihrem Zahlungsanbieter. | Erstatten Sie jede kleine Zahlung von diesem Gerät, die durchging.",
    "Ihre Bank oder Ihr Anbieter war gestört",
  ),
  card_testing_by_terminal: say(
    "Viele abgelehnte Karten an einer Kasse",
    "Fragen Sie an {terminal_id}, was dort los ist; lassen Sie dort vorerst keine Karten eintippen. | Prüfen Sie, ob das Kartenlesegerät noch das ist, das Sie aufgestellt haben.",
    "Lesegerät oder Leitung zur Bank ist gestört | Ein Kunde probiert mehrere Karten",
  ),
  card_velocity: say(
    "Eine Karte ungewöhnlich oft benutzt",
    "Sehen Sie nach, was gekauft wurde. | Verlangen Sie beim nächsten Mal die PIN oder eine andere Karte.",
    "Eine Firmenkarte für viele Besorgungen | Runden an der Bar",
  ),
  cards_per_customer: say(
    "Ein Kunde, viele Karten",
    "Rufen Sie den Kunden an, bevor Sie weitere Ware herausgeben oder verschicken.",
    "Ein Firmenkonto, dessen Leute mit eigenen Karten zahlen",
  ),
  cards_per_device: say(
    "Ein Gerät, viele Karten",
    "Halten Sie Bestellungen von diesem Gerät zurück, bis Sie den Kunden angerufen haben. | Erstatten Sie, was schon durchging, wenn niemand antwortet.",
    "Eine Familie oder ein Büro bestellt gemeinsam",
  ),
  chip_fallback: say(
    "Eine Chipkarte wieder durchgezogen",
    "Bitten Sie um eine andere Karte. | Reinigen oder prüfen Sie den Chipleser.",
    "Chip oder Leser ist abgenutzt",
  ),
  customer_payments_failing: say(
    "Die Zahlungen eines Kunden scheitern immer wieder",
    "Sehen Sie nach, welche Karten versucht wurden. | Halten Sie Bestellungen dieses Kontos zurück, bis Sie es wissen.",
    "Die Bank des Kunden sperrt Zahlungen im Ausland | Eine kaputte Bezahlseite",
  ),
  customers_per_card: say(
    "Eine Karte, viele Kunden",
    "Vergleichen Sie die Konten: Namen, Adressen, Geräte.",
    "Eine Familie oder Firma teilt sich eine Karte",
  ),
  dispute_arrived: say(
    "Eine Kartenzahlung wird angefochten",
    "Suchen Sie Beleg und Liefernachweis dieser Zahlung. | Antworten Sie bei Ihrem Zahlungsanbieter vor Ablauf der Frist, oder erstatten Sie.",
    "Der Kunde erkennt Ihren Namen auf dem Kontoauszug nicht",
  ),
  forced_or_offline_large: say(
    "Große Zahlung erzwungen oder offline genehmigt",
    "Fragen Sie, wer die Zahlung durchgedrückt hat und warum. | Klären Sie mit Ihrem Anbieter, ob das Geld wirklich kommt.",
    "Die Leitung zur Bank war gestört | Eine telefonische Genehmigung, die die Bank verlangt hat",
  ),
  forced_or_offline_repeated: say(
    "Mehrere Zahlungen ohne Rückfrage bei der Bank genehmigt",
    "Fragen Sie an {terminal_id}, warum die Bank nicht gefragt wurde. | Klären Sie mit Ihrem Anbieter, ob das Geld wirklich kommt.",
    "Die Leitung zur Bank war gestört",
  ),
  guest_card_declines: say(
    "Die Karte eines Gastes viele Male abgelehnt",
    "Nehmen Sie diese Karte heute nicht von Hand an. | Bitten Sie um eine andere Zahlungsart.",
    "Der Code wird immer wieder vertippt | Die Bank ist gestört",
  ),
  micro_amount_probes: say(
    "Viele winzige Kartenzahlungen auf einmal",
    "Sehen Sie sich die Belege dieser Zahlungen an. | Fragen Sie, wer an der Kasse stand.",
    "Ein Automat, der einzelne Süßigkeiten verkauft | Tests Ihres Technikers",
  ),
  rapid_re_tap: say(
    "Eine Karte immer wieder vorgehalten",
    "Verlangen Sie beim nächsten Vorhalten die PIN. | Sehen Sie nach, was gekauft wurde.",
    "Eine Familie zahlt nacheinander mit einer Karte | Runden an der Bar",
  ),
  split_tender: say(
    "Ein Bon auf viele Karten verteilt",
    "Sehen Sie sich den Bon und die Namen auf den Karten an.",
    "Freunde teilen sich eine Rechnung",
  ),
  coupon_reuse: say(
    "Ein Einmalgutschein noch einmal eingelöst",
    "Sammeln Sie Papiergutscheine an der Kasse ein. | Sperren Sie den Code.",
    "Ein eingelöster Gutschein, dessen Verkauf abgebrochen wurde",
  ),
  discount_at_ceiling: say(
    "Rabatte immer knapp am erlaubten Höchstwert",
    "Sehen Sie nach, wer die Kunden waren und ob dieselben wiederkommen. | Senken Sie die Grenze für {cashier_id}, bis das geklärt ist.",
    "Ein Schlussverkauf mit einem festen Rabatt",
  ),
  high_discount: say(
    "Sehr hoher Rabatt von Hand",
    "Fragen Sie, wofür der Rabatt war und wer ihn freigegeben hat.",
    "Beschädigte Ware oder Ausverkauf | Eine Reklamation, die Sie geregelt haben",
  ),
  high_discount_repeated: say(
    "Mehrere hohe Rabatte von Hand",
    "Fragen Sie, wofür die Rabatte waren und wer sie freigegeben hat.",
    "Ein Tag mit Ausverkauf",
  ),
  price_below_cost: say(
    "Ein Preis unter Einkauf",
    "Sehen Sie sich den Bon an und wer gekauft hat.",
    "Ein beschädigter oder ablaufender Artikel",
  ),
  watched_item_override: say(
    "Preis eines beobachteten Artikels von Hand geändert",
    "Sehen Sie sich den Bon und die Aufnahme der Kasse aus dieser Minute an.",
    "Eine Preiszusage oder ein beschädigter Artikel",
  ),
  zero_or_penny_line: say(
    "Ein Artikel für nichts verkauft",
    "Sehen Sie sich den Bon an und wer gekauft hat.",
    "Eine Gratisprobe, die gebucht wurde | Ein fehlender Preis im Katalog",
  ),
  gift_card_balance_probing: say(
    "Nummern von Geschenkkarten werden geraten",
    "Sperren Sie die Adresse für einen Tag. | Verlangen Sie vor Guthabenabfragen ein Captcha.",
    "Ein Kunde vertippt sich bei einer langen Nummer",
  ),
  gift_card_bulk_count: say(
    "Viele Geschenkkarten von einer Person aktiviert",
    "Prüfen Sie, ob und wie jede Karte bezahlt wurde. | Sperren Sie die Karten, wenn nicht.",
    "Eine Firma kauft Geschenke für ihre Leute | Die Tage vor einem Feiertag",
  ),
  gift_card_bulk_sum: say(
    "Viel Geld von einer Person auf Geschenkkarten gebucht",
    "Prüfen Sie, ob und wie jede Karte bezahlt wurde. | Sperren Sie die Karten, wenn nicht.",
    "Eine Firma kauft Geschenke für ihre Leute",
  ),
  gift_card_quick_drain: say(
    "Geschenkkarte gleich nach der Aktivierung woanders geleert",
    "Sperren Sie die Geschenkkarte und behalten Sie die Ware, bis Sie wissen, wer sie hat. | Suchen Sie im Ständer nach aufgekratzten oder neu verklebten Packungen.",
    "Ein Geschenk, das als Foto verschickt und gleich benutzt wurde",
  ),
  refund_gift_card_to_staff: say(
    "Eine Geschenkkarte aus einer Erstattung vom Personal ausgegeben",
    "Sehen Sie sich die Erstattung an, aus der die Karte stammt.",
    "Jemand vom Personal hat etwas Eigenes zurückgegeben",
  ),
  discount_then_reversal: say(
    "Rabattierte Verkäufe wieder rückgängig gemacht",
    "Vergleichen Sie die erstatteten mit den bezahlten Beträgen.",
    "Ein Schlussverkauf mit vielen Rückgaben",
  ),
  no_receipt_refund_large: say(
    "Große Erstattung ohne den ursprünglichen Verkauf",
    "Suchen Sie den Verkauf und die Ware, die zurückkam. | Fragen Sie, wer die Erstattung freigegeben hat.",
    "Ein Kunde ohne Beleg, dem Sie helfen wollten | Ein Schalter, der alle Rückgaben annimmt",
  ),
  no_receipt_refund_repeated: say(
    "Mehrere Erstattungen ohne den ursprünglichen Verkauf",
    "Zählen Sie die zurückgekommene Ware gegen diese Erstattungen. | Vergleichen Sie die Kassenlade vor Schichtende mit dem Bericht der Kasse.",
    "Ein Schalter, der alle Rückgaben annimmt | Die Tage nach einem Feiertag",
  ),
  override_to_gift_card: say(
    "Steuer oder Währung geändert, dann eine Geschenkkarte aufgeladen",
    "Sehen Sie sich den Bon an. | Sperren Sie die Geschenkkarte, bis Sie es wissen.",
    "Ein steuerfreier Kunde kauft eine Geschenkkarte",
  ),
  price_adjust_skim: say(
    "Ein alter Verkauf verbilligt und ausgezahlt",
    "Fragen Sie, welcher Kunde das Geld bekam.",
    "Eine Preiszusage an einen Kunden",
  ),
  refunds_below_limit: say(
    "Erstattungen knapp unter der Freigabegrenze",
    "Sehen Sie sich die Belege dieser Erstattungen an.",
    "Viele Artikel kosten ungefähr so viel",
  ),
  refund_to_other_tender: say(
    "Erstattung auf eine andere Karte oder Zahlungsart",
    "Fragen Sie, warum das Geld nicht den Weg zurückging, den es kam. | Vergleichen Sie den Namen des Kunden mit dem Verkauf.",
    "Die Karte des Kunden ging verloren oder wurde erneuert | Das Lesegerät erreichte die Bank nicht",
  ),
  refunds_to_one_card: say(
    "Erstattungen verschiedener Verkäufe auf eine Karte",
    "Vergleichen Sie die Karte mit denen, die die Verkäufe bezahlt haben. | Halten Sie weitere Erstattungen auf diese Karte an. | Fragen Sie, wer sie gemacht hat, und nehmen Sie eine zweite Person dazu.",
    "Ein Stammkunde mit neuer Karte",
  ),
  self_refund: say(
    "Eigener Verkauf erstattet",
    "Prüfen Sie, ob die Ware zurückkam und der Kunde da war.",
    "Zu dieser Stunde arbeitet nur eine Person im Laden",
  ),
  staff_card_own_till: say(
    "Eigene Karte an der eigenen Kasse benutzt",
    "Sehen Sie nach, was gebucht wurde. | Lassen Sie das Personal an der Kasse anderer zahlen.",
    "Ein kleiner Laden mit einer Person im Dienst",
  ),
  stale_refund: say(
    "Eine Erstattung nach der Rückgabefrist",
    "Verlangen Sie Beleg und Ware.",
    "Ein Garantiefall | Eine längere Frist vor einem Feiertag",
  ),
};
