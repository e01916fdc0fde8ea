// German words are long and phones are narrow: nothing is cut, and thumbs hit every button. In Debian's Chromium.
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  sampleAlert,
  sampleAlertMail,
  sampleConfirmPage,
  sampleDigestMail,
  sampleHeldMail,
} from "../testing/sample-mails.ts";

const CHROMIUM = "/usr/bin/chromium";
const LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz";

/** A row for each of the longest acts that German has. */
const longRows = ["terminal_heartbeat", "store_day", "gift_card", "sale_cancelled"].map(
  (type, n) => ({
    ...(sampleAlert("de").evidence[0] as ReturnType<typeof sampleAlert>["evidence"][number]),
    ...{
      event_id: `l${n}`,
      event_type: type,
      ts: Date.UTC(2026, 10, 22 + n, 12),
      amount: 123_456_789,
    },
  }),
);

const PAGES: { name: string; markup: () => Promise<string> }[] = ["en", "de"].flatMap(
  (language) => [
    { name: `alert mail, ${language}`, markup: async () => (await sampleAlertMail(language)).html },
    {
      name: `alert mail with long words and sums, ${language}`,
      markup: async () =>
        (
          await sampleAlertMail(language, {
            evidence: longRows,
            explanation: LONG,
            terminal_id: LONG,
          })
        ).html,
    },
    { name: `digest, ${language}`, markup: async () => (await sampleDigestMail(language)).html },
    {
      name: `held-back mail, ${language}`,
      markup: async () => (await sampleHeldMail(language)).html,
    },
    { name: `confirm page, ${language}`, markup: async () => sampleConfirmPage(language) },
  ],
);

describe.skipIf(!existsSync(CHROMIUM))("on a phone 360 pixels wide", () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });
    page = await browser.newPage({ viewport: { width: 360, height: 640 } });
  });
  afterAll(() => browser?.close());

  it.each(PAGES)("$name: nothing is cut or needs sideways scrolling", async ({ markup }) => {
    await page.setContent(await markup());
    const wide = await page.evaluate(
      `[...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > 360.5 && each.offsetParent !== null).map((each) => each.outerHTML.slice(0, 80))`,
    );
    expect(wide).toEqual([]);
  });

  it.each(PAGES)("$name: each button is at least 44 pixels high", async ({ markup }) => {
    await page.setContent(await markup());
    const heights = (await page.evaluate(
      `[...document.querySelectorAll(".tw-act, .tw-button, button, select")].map((each) => each.getBoundingClientRect().height)`,
    )) as number[];
    expect(heights.length).toBeGreaterThan(0);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
  });
});
