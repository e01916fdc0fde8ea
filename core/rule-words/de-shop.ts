// The German of the rules about access, cash, staff, tills and voids.
import { type RuleWords, say } from "./rule-words.ts";

export const GERMAN_SHOP_RULES: Readonly<Record<string, RuleWords>> = {
  bulk_export: say(
    "Ein ungewöhnlich großer Export",
    "Fragen Sie, wem das Konto gehört. | Beenden Sie seine Sitzungen, wenn niemand davon weiß.",
    "Der Jahresabschluss | Ein Umzug in ein anderes System",
  ),
  mfa_missing_or_removed: say(
    "Mächtiges Konto ohne zweiten Faktor",
    "Fragen Sie die Person, ob sie es war. | Schalten Sie den zweiten Faktor wieder ein. | Beenden Sie alle Sitzungen, wenn niemand davon weiß.",
    "Ein neues Telefon wird eingerichtet",
  ),
  mfa_off_new_country: say(
    "Zweiter Faktor entfernt und Anmeldung aus einem neuen Land",
    "Sperren Sie das Konto jetzt. | Prüfen Sie das Auszahlungskonto und neue Benutzer. | Rufen Sie die Person unter einer Nummer an, die Sie kennen.",
    "Jemand ist auf Reisen und hat ein neues Telefon",
  ),
  session_in_two_countries: say(
    "Eine Sitzung in zwei Ländern",
    "Beenden Sie die Sitzung. | Fragen Sie, wem das Konto gehört.",
    "Ein VPN wurde eingeschaltet | Ein Telefon wechselte vom WLAN ins Roaming",
  ),
  password_spray: say(
    "Eine Quelle probiert viele Konten",
    "Sperren Sie die Adresse. | Prüfen Sie, ob eine Anmeldung von dort gelang. | Schalten Sie für alle einen zweiten Faktor ein.",
    "Viele Leute hinter einer Adresse nach einem Passwortwechsel",
  ),
  privilege_or_payout_change: say(
    "Neuer Admin, neuer Schlüssel oder geändertes Auszahlungskonto",
    "Fragen Sie die Person, ob sie es war. | Stellen Sie den alten Wert wieder her, wenn niemand davon weiß. | Geht es um ein Auszahlungskonto, rufen Sie jetzt Ihren Zahlungsanbieter an.",
    "Eine neue Leitung | Ein neues Bankkonto, das Sie selbst bestellt haben",
  ),
  power_change_new_device: say(
    "Rechte oder Auszahlungskonto von einem neuen Gerät geändert",
    "Sperren Sie das Konto jetzt. | Stellen Sie die alten Werte wieder her. | Rufen Sie die Person unter einer Nummer an, die Sie kennen.",
    "Jemand mit neuem Telefon hatte auch Büroarbeit zu tun",
  ),
  brute_force_account: say(
    "Viele falsche Passwörter für ein Konto",
    "Fragen Sie die Person, ob sie es war. | Sperren Sie sonst das Konto oder setzen Sie ein neues Passwort. | Schalten Sie einen zweiten Faktor ein.",
    "Ein vergessenes Passwort | Eine App mit einem alten gespeicherten Passwort",
  ),
  brute_force_address: say(
    "Viele falsche Passwörter von einer Adresse",
    "Sperren Sie die Adresse. | Prüfen Sie, ob eine Anmeldung von dort gelang.",
    "Ein Laden hinter einer Adresse nach einem Passwortwechsel",
  ),
  success_after_failures: say(
    "Nach vielen Fehlversuchen angemeldet",
    "Fragen Sie die Person sofort, ob sie es war. | Beenden Sie sonst alle Sitzungen und setzen Sie ein neues Passwort. | Prüfen Sie, was seither geändert wurde; zuerst Erstattungen, Auszahlungskonto und neue Benutzer.",
    "Ein vergessenes Passwort auf einem neuen Telefon",
  ),
  weak_password: say(
    "Schwaches, voreingestelltes oder bekanntes Passwort gesetzt",
    "Setzen Sie ein neues Passwort mit mindestens 12 Zeichen. | Schalten Sie einen zweiten Faktor ein.",
    "Ein vorläufiges Passwort, das bei der ersten Anmeldung geändert wird",
  ),
  cash_over_short: say(
    "Gezähltes Bargeld weicht vom Soll ab",
    "Zählen Sie noch einmal, zu zweit. | Gehen Sie Erstattungen, Stornos und Öffnungen der Lade dieser Schicht durch.",
    "Falsch herausgegebenes Wechselgeld | Eine Einzahlung, die nicht eingetragen wurde",
  ),
  deposit_differs: say(
    "Eine Einzahlung weicht vom Eingesammelten ab",
    "Vergleichen Sie den Beleg der Bank mit dem Abholzettel. | Fragen Sie, wer das Geld gebracht hat.",
    "Ein Zählfehler | Münzen werden später gutgeschrieben",
  ),
  drawer_left_open: say(
    "Eine Kassenlade stand zu lange offen",
    "Fragen Sie, warum.",
    "Eine Münzrolle musste geöffnet werden | Die Zählung des Tages",
  ),
  no_sale_opens: say(
    "Kassenlade mehrmals ohne Verkauf geöffnet",
    "Zählen Sie die Lade jetzt, zu zweit. | Fragen Sie, wofür sie geöffnet wurde.",
    "Wechselgeld für Kunden oder andere Kassen | Eine klemmende Lade",
  ),
  paid_out_abuse: say(
    "Viele Auszahlungen in einer Schicht",
    "Verlangen Sie die Belege.",
    "Lieferungen, die bar bezahlt werden",
  ),
  approver_absent: say(
    "Eine Freigabe von jemandem, der nicht im Dienst ist",
    "Ändern Sie den Code. | Fragen Sie, wer ihn benutzt hat.",
    "Die Inhaberin oder der Inhaber blieb, ohne zu stempeln",
  ),
  approval_sharing: say(
    "Ein Freigabecode von vielen benutzt",
    "Ändern Sie den Code. | Lassen Sie die Freigebenden selbst an die Kasse kommen.",
    "Eine einzige Leitung an einem vollen Tag",
  ),
  item_moved_between_checks: say(
    "Derselbe Artikel über mehrere Rechnungen verschoben",
    "Vergleichen Sie die Rechnungen mit dem, was serviert wurde.",
    "Eine Gruppe wechselt immer wieder den Tisch",
  ),
  leaver_activity: say(
    "Code einer ausgeschiedenen Person in Gebrauch",
    "Sperren Sie den Code dieser Person jetzt. | Finden Sie heraus, wer ihn benutzt hat.",
    "Die Person kam zurück und die Liste wurde nicht angepasst",
  ),
  loyalty_self_scan: say(
    "Ein Treuekonto des Personals auf vielen Bons",
    "Sehen Sie nach, wem das Konto gehört. | Fragen Sie, bevor Sie urteilen.",
    "Das Personal kauft oft im eigenen Laden ein",
  ),
  till_used_off_clock: say(
    "Kasse von jemandem benutzt, der nicht eingestempelt ist",
    "Fragen Sie, wer an der Kasse stand. | Ändern Sie den Code, wenn er geteilt wird.",
    "Jemand hat das Einstempeln vergessen",
  ),
  cashier_at_two_tills: say(
    "Ein Code an zwei Kassen zugleich",
    "Fragen Sie, wer wo stand. | Ändern Sie den Code.",
    "Jemand hilft an der Nachbarkasse aus",
  ),
  off_hours_activity: say(
    "Kasse außerhalb der Öffnungszeiten benutzt",
    "Fragen Sie, wer im Laden war und warum. | Prüfen Sie die hier eingetragenen Öffnungszeiten.",
    "Ein später Kunde | Inventur oder Putzen bei offener Lade",
  ),
  off_hours_night: say(
    "Kasse nachts benutzt",
    "Finden Sie heraus, wer im Laden war. | Ändern Sie den Code der Person, deren Name benutzt wurde. | Sehen Sie Kamera und Alarmprotokoll an.",
    "Nächtliche Inventur | Falsch eingetragene Öffnungszeiten",
  ),
  staff_redeems_points: say(
    "Punkte eines Treuekontos des Personals eingelöst",
    "Sehen Sie nach, wie die Punkte gesammelt wurden.",
    "Das Personal darf am Programm teilnehmen",
  ),
  tip_inflation: say(
    "Ein Trinkgeld nach dem Verkauf erhöht",
    "Vergleichen Sie den unterschriebenen Beleg mit der Buchung.",
    "Ein sehr zufriedener Kunde | Die Bedienung hat sich vertippt",
  ),
  training_mode_activity: say(
    "Lade oder Zahlung im Übungsmodus",
    "Vergleichen Sie die Lade mit den Buchungen. | Schalten Sie den Übungsmodus aus.",
    "Jemand wird wirklich eingearbeitet",
  ),
  card_data_in_clear: say(
    "Kartendaten, wo sie nicht sein dürfen",
    "Finden Sie heraus, wer oder was Kartennummern in dieses Feld schreibt. | Löschen Sie sie an der Quelle. | Fragen Sie Ihren Zahlungsanbieter, was die Kartenregeln jetzt von Ihnen verlangen.",
    "Eine Nummer, die nur wie eine Kartennummer aussieht",
  ),
  file_integrity_change: say(
    "Kassensoftware außerhalb einer Freigabe geändert",
    "Nehmen Sie an dieser Kasse keine Karten mehr an. | Ziehen Sie das Netzwerkkabel, lassen Sie sie eingeschaltet. | Rufen Sie an, wer sie betreut, und fragen Sie nach der Datei.",
    "Eine Reparatur von Hand, die niemand angekündigt hat",
  ),
  control_failed: say(
    "Eine Kontrolle dieses Dienstes ist ausgefallen",
    "Sagen Sie es denen, die Tillwatch für Sie betreiben; die Ursache steht im Protokoll des Dienstes.",
    "Ein Speicher oder Anbieter war eine Weile nicht erreichbar",
  ),
  tampered_terminal: say(
    "Kasse geöffnet, kopiert oder manipuliert",
    "Nehmen Sie an dieser Kasse keine Karten mehr an. | Vergleichen Sie Seriennummer und Siegel mit Ihrer Liste. | Suchen Sie nach etwas, das auf oder in das Lesegerät gesteckt wurde.",
    "Eine Reparatur oder ein ausgetauschtes Gerät",
  ),
  stale_terminal: say(
    "Kasse veraltet oder ungeschützt",
    "Spielen Sie heute Abend die Aktualisierung ein. | Schalten Sie den Schutz ein. | Lassen Sie die Uhr aus dem Netz stellen.",
    "Eine Kasse, die wochenlang ausgeschaltet war",
  ),
  tls_or_gateway_change: say(
    "Verbindung der Kasse im Klartext, schwach oder umgeleitet",
    "Nehmen Sie an dieser Kasse keine Karten mehr an. | Suchen Sie nach einem unbekannten Kästchen zwischen Kasse und Router. | Rufen Sie an, wer Ihr Netzwerk betreut.",
    "Ein neuer Router | Ein Zertifikat, das Ihr Anbieter erneuert hat",
  ),
  tls_or_gateway_change_shop: say(
    "Mehrere Kassen eines Ladens mit schwacher oder umgeleiteter Verbindung",
    "Nehmen Sie in diesem Laden keine Karten an, bis das Netzwerk geprüft ist. | Suchen Sie nach einem unbekannten Kästchen am Router. | Rufen Sie an, wer Ihr Netzwerk betreut.",
    "Ein neuer Router",
  ),
  unexpected_process: say(
    "Unbekanntes Programm auf der Kasse",
    "Nehmen Sie an dieser Kasse keine Karten mehr an. | Ziehen Sie das Netzwerkkabel, lassen Sie sie eingeschaltet. | Rufen Sie an, wer sie betreut.",
    "Ein neuer Virenscanner oder ein Fernwartungsprogramm",
  ),
  cancel_at_payment: say(
    "Verkäufe beim Bezahlen abgebrochen",
    "Zählen Sie die Lade. | Sehen Sie sich die Kamera zu diesen Zeiten an.",
    "Ein Kartenleser, der ausfällt | Kunden ohne genug Bargeld",
  ),
  drawer_after_void: say(
    "Kassenlade gleich nach einem Storno geöffnet",
    "Zählen Sie die Lade vor Schichtende. | Fragen Sie, warum sie geöffnet wurde.",
    "Wechselgeld für einen anderen Kunden",
  ),
  void_after_tender: say(
    "Barverkauf storniert, nachdem der Kunde bezahlt hatte",
    "Zählen Sie die Lade jetzt, zu zweit. | Fragen Sie, warum storniert wurde, und sehen Sie sich die Kamera dieser Minute an.",
    "Der Kunde hat es sich an der Kasse anders überlegt | Ein Fehler fiel beim Lesen des Bons auf",
  ),
  void_by_other_cashier: say(
    "Ein Verkauf von jemand anderem storniert",
    "Fragen Sie, wer verkauft hat.",
    "Jemand anderes hat die Kasse übernommen",
  ),
};
