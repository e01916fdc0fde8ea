// The German of the mails and of the pages behind their links.
import type { MailWords } from "./words-en.ts";

export const GERMAN_MAIL: MailWords = {
  subject: "[{level}] {headline}",
  greeting: {
    opened: "Ungewöhnlich bei {merchant}: Bitte sehen Sie es sich an.",
    escalated: "Seit unserer letzten Mail ist es mehr geworden. Die Stufe ist jetzt „{level}“.",
    woke: "Die Ruhezeit ist vorbei; inzwischen kam es noch {hidden} Mal vor.",
    unanswered:
      "Bisher hat niemand reagiert, deshalb sagen wir es auch Ihnen. Die Stufe ist „{level}“.",
    withdrawn: "Wir nehmen das zurück: Eine verspätete Buchung zeigt, dass alles war wie üblich.",
  },
  withdrawnSubject: "[Zurückgenommen] {headline}",
  withdrawnDo: "Nichts. Machen Sie rückgängig, was Sie wegen der ersten Mail getan haben.",
  why: "Warum wir das meinen",
  evidence: "Was wir gesehen haben",
  columns: {
    time: "Zeit",
    act: "Was",
    amount: "Betrag",
    person: "Wer",
    place: "Kasse",
    card: "Karte",
  },
  ruleLanguage: "Diese Sätze kommen aus der Regel; es gibt sie bisher nur auf Englisch.",
  hidden: "… und {count} weitere. Gezeigt sind die neuesten.",
  doNow: "Jetzt tun",
  explains: "Was es sonst sein kann",
  button: "In Tillwatch öffnen",
  answer: "Gleich hier antworten",
  acts: {
    acknowledge: "Ich sehe es mir an",
    fraud: "Betrug",
    not_fraud: "Kein Betrug",
    snooze: "Ruhen lassen",
  },
  answerNote:
    "Ohne Anmeldung, drei Tage lang. Jede Antwort öffnet eine Seite, die noch einmal fragt, und gilt einmal. Leiten Sie diese Mail deshalb nicht weiter.",
  meaning: "Warum es wichtig ist",
  reason:
    "Sie bekommen diese Mail, weil {recipient} eine Adresse für Meldungen von {merchant} ist. Ändern kann das die Inhaberin oder der Inhaber in Tillwatch.",
  noAddress:
    "Für {merchant} ist noch keine Adresse für Meldungen eingetragen, deshalb liegt diese Mail im Postausgang.",
  judgement:
    "Das ist ein Hinweis einer Regel ({rule}, Version {version}), kein Urteil über jemanden.",
  demo: "Demo: Diesen Laden und seine Leute gibt es nicht.",
  moneyAtRisk: "Betroffenes Geld",
  heldSubject: "[{count} weitere] Zurückgehaltene Meldungen bei {merchant}",
  heldHeading: "{count} weitere {count|Meldung|Meldungen} zurückgehalten",
  heldLead:
    "Innerhalb einer Stunde wären mehr als {limit} {limit|Mail|Mails} an Sie gegangen, deshalb kamen diese nicht einzeln. Kritische kommen immer.",
  heldTitle: "Zurückgehalten",
  andMore: "… und {count} weitere in Tillwatch.",
  openList: "Liste öffnen",
  digest: {
    heading: { daily: "{merchant} heute", weekly: "{merchant} in dieser Woche" },
    subject: {
      daily: "[Überblick] {open} offen, {held} zurückgehalten bei {merchant}",
      weekly: "[Woche] {open} offen, {held} zurückgehalten bei {merchant}",
    },
    quietSubject: {
      daily: "[Überblick] Bei {merchant} wartet nichts auf Sie",
      weekly: "[Woche] Eine ruhige Woche bei {merchant}",
    },
    lead: "{open} {open|Meldung ist|Meldungen sind} offen, {held} {held|kam|kamen} nicht einzeln. Nichts davon ist dringender als das, was Sie sofort erfahren haben.",
    quietLead: "Nichts ist offen, und nichts wurde zurückgehalten. Wir passen weiter auf.",
    held: "Für diesen Überblick zurückgehalten",
    open: "Offen, das Ernsteste zuerst",
    figures: "In Zahlen",
    opened: {
      daily: "{opened} {opened|Meldung|Meldungen} am letzten Tag; üblich sind {usual}.",
      weekly:
        "{opened} {opened|Meldung|Meldungen} in den letzten sieben Tagen; üblich sind {usual}.",
    },
    openedNew: {
      daily:
        "{opened} {opened|Meldung|Meldungen} am letzten Tag; was üblich ist, wissen wir noch nicht.",
      weekly:
        "{opened} {opened|Meldung|Meldungen} in den letzten sieben Tagen; was üblich ist, wissen wir noch nicht.",
    },
    atRisk: "Geld, um das es bei offenen Meldungen geht: {money}.",
    andMore: "… und {count} weitere in Tillwatch.",
    button: "Liste öffnen",
    reason:
      "Sie bekommen diese Mail, weil {recipient} eine Adresse für Meldungen von {merchant} ist. Meldungen erreichen Sie auch ohne Überblick.",
    off: "Keine Überblicke mehr an diese Adresse",
  },
  link: {
    acts: {
      acknowledge: {
        ask: "Sagen, dass Sie es sich ansehen?",
        button: "Ich sehe es mir an",
        done: "Notiert: Sie sehen es sich an. Es bleibt offen, bis jemand entscheidet.",
      },
      fraud: {
        ask: "Sagen, dass es Betrug war?",
        button: "Ja, es war Betrug",
        done: "Notiert: Betrug. Die Meldung ist geschlossen; kommt das Gleiche wieder, melden wir es wieder.",
      },
      not_fraud: {
        ask: "Sagen, dass es kein Betrug war?",
        button: "Es war kein Betrug",
        done: "Notiert: kein Betrug. Die Meldung ist geschlossen; das Gleiche bleibt bis morgen still, außer es wird schlimmer.",
      },
      snooze: {
        ask: "Eine Weile ruhen lassen?",
        button: "Ruhen lassen",
        done: "Ruht. Mehr vom Gleichen wird still gezählt, außer es wird schlimmer.",
      },
    },
    about: "{merchant} · Stufe {level}",
    howLong: "Wie lange",
    spans: { 4: "4 Stunden", 24: "1 Tag", 72: "3 Tage", 168: "7 Tage" },
    untouched: "Noch ist nichts geschehen. Dieser Link wirkt einmal und nur für diese Meldung.",
    thanks: "Danke",
    tooLate: "Jemand war schneller",
    states: {
      open: "Sie ist offen.",
      reopened: "Sie ist wieder offen.",
      acknowledged: "Jemand sieht sie sich an.",
      in_progress: "Jemand arbeitet daran.",
      snoozed: "Sie ruht.",
      resolved: "Sie ist erledigt.",
    },
    dead: "Dieser Link geht nicht",
    deadWhy:
      "Er ist falsch, wurde schon benutzt oder ist abgelaufen; oder die Meldung ist geschlossen.",
    signIn: "Bei Tillwatch anmelden und sehen, wie es steht",
    tooMany: "Zu viele Versuche",
    tooManyWhy: "Von hier kamen zu viele Links, die nicht gehen. Warten Sie eine Stunde.",
    stop: "Keine Überblicke mehr?",
    stopWhat:
      "Sie bekommen keine täglichen und wöchentlichen Überblicke von {merchant} mehr. Meldungen erreichen Sie weiterhin.",
    stopButton: "Überblicke abbestellen",
    stopped: "Keine Überblicke mehr",
    stoppedWhat: "Sie bekommen keine Überblicke mehr. Meldungen erreichen Sie weiterhin.",
    toAlert: "Meldung in Tillwatch öffnen (dort melden Sie sich an)",
  },
};
