import { expect, it } from "vitest";
import {
  sampleAlertMail,
  sampleConfirmPage,
  sampleDigestMail,
  sampleHeldMail,
} from "../testing/sample-mails.ts";

it("a German alert mail tells in German what, where, how much, when, who and what to do", async () => {
  const { subject, plain, html } = await sampleAlertMail("de");
  expect(subject.replace(/\s/g, " ")).toBe(
    "[Hoch] 5 Erstattungen in 9 Min., Kasse 2, Friedrichshain (412 €)",
  );
  const text = plain.replace(/\s+/g, " ");
  for (const said of [
    "5 Erstattungen auf eine Karte mit Endziffern 4242 innerhalb von 9 Minuten an Kasse 2 in Friedrichshain, Mi., 25. November, 15:02 bis 15:10 Uhr (Ortszeit Berlin), insgesamt 412,10 €. An der Kasse: Sam.",
    "WARUM WIR DAS MEINEN",
    "15:02:10 Erstattung 82,40 € Sam •••• 4242",
    "1. Vergleichen Sie die Karte mit denen, die die Verkäufe bezahlt haben.",
    "Kein Betrug: https://tillwatch.example.com/alerts/alt_7890888ea526f267a492d4ac6b2c639b?do=not_fraud",
  ]) {
    expect(text).toContain(said);
  }
  expect(html).toContain('lang="de"');
  // Only the rule's own sentences, and they say of themselves that they are English.
  const english = html.match(/<p[^>]*lang="en"[^>]*>[^<]*/g) ?? [];
  expect(english).toHaveLength(2);
  const rest = english.reduce((left, part) => left.replace(part, ""), html);
  const shown = rest
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace("refund-same-card", "");
  expect(shown).not.toMatch(/\b(refund|the|you|with|till|card|alert)s?\b/i);
});

it("digest and held-back mail are German to the last line, with numbers as Germans write them", async () => {
  for (const mail of [await sampleDigestMail("de"), await sampleHeldMail("de")]) {
    const words = mail.plain.replace(/https:\S+/g, "");
    expect(words).not.toMatch(/\b(the|you|alerts?|open|held|list)\b/i);
    expect(words).toContain("[Mittel] Kassenlade mehrmals ohne Verkauf geöffnet");
  }
  const { plain } = await sampleDigestMail("de");
  expect(plain).toContain("2 Meldungen sind offen, 1 kam nicht einzeln.");
  expect(plain).toContain("3 Meldungen am letzten Tag; üblich sind 1,5.");
  expect(plain.replace(/\s/g, " ")).toContain("412,10 €");
});

it("the page behind a German button asks in German", () => {
  const page = sampleConfirmPage("de");
  expect(page).toContain('<html lang="de">');
  expect(page).toContain("Eine Weile ruhen lassen?");
  expect(page).toContain('<option value="72">3 Tage</option>');
});

it("rows of several days name the month in words", async () => {
  const days = (language: string) =>
    sampleAlertMail(language, { evidence: spread }).then(({ plain }) => plain);
  const spread = [0, 1].map((n) => ({
    ...{ event_id: `e${n}`, event_type: "refund", ts: Date.UTC(2026, 10, 24 + n, 12) },
    fields: {},
  }));
  expect(await days("en")).toContain("24 Nov 12:00");
  expect(await days("de")).toContain("24. Nov. 13:00");
});

it.each(["en", "de"])(
  "no line of the text part in %s is longer than a mail's but an address",
  async (language) => {
    for (const { plain } of [
      await sampleAlertMail(language),
      await sampleDigestMail(language),
      await sampleHeldMail(language),
    ]) {
      const long = plain
        .split("\n")
        .filter((line) => line.length > 72 && !line.includes("https://"));
      expect(long).toEqual([]);
    }
  },
);
