// Takes the pictures of mails in docs/: each as on a phone, and its text. From made-up facts, so that they come out the same again.
// Use: `node scripts/docs/mail-pictures.ts [folder]`. Needs Debian's chromium.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import {
  sampleAlertMail,
  sampleConfirmPage,
  sampleDigestMail,
  sampleHeldMail,
} from "../../alerts/testing/sample-mails.ts";

const PHONE = { width: 360, height: 640 };

const [folder = "docs"] = process.argv.slice(2);
const images = join(folder, "images");
mkdirSync(images, { recursive: true });

const [alert, german, digest, germanDigest, held] = [
  await sampleAlertMail("en"),
  await sampleAlertMail("de"),
  await sampleDigestMail("en"),
  await sampleDigestMail("de"),
  await sampleHeldMail("en"),
];
const TEXTS = { "alert-mail": alert, "alert-mail-de": german, "digest-mail": digest };
const PICTURES = [
  { name: "alert-mail", page: alert.html, dark: false },
  { name: "alert-mail-dark", page: alert.html, dark: true },
  { name: "alert-mail-de", page: german.html, dark: false },
  { name: "digest-mail", page: digest.html, dark: false },
  { name: "digest-mail-dark", page: digest.html, dark: true },
  { name: "digest-mail-de", page: germanDigest.html, dark: false },
  { name: "held-mail", page: held.html, dark: false },
  { name: "confirm-page", page: sampleConfirmPage("en"), dark: false },
  { name: "confirm-page-de", page: sampleConfirmPage("de"), dark: true },
];

for (const [name, { plain }] of Object.entries(TEXTS)) {
  writeFileSync(join(folder, `${name}.txt`), plain);
}
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
try {
  for (const { name, page: markup, dark } of PICTURES) {
    const context = await browser.newContext({
      ...{ viewport: PHONE, deviceScaleFactor: 2, colorScheme: dark ? "dark" : "light" },
    });
    const page = await context.newPage();
    await page.setContent(markup);
    await page.screenshot({ path: join(images, `${name}.png`), fullPage: true });
    await context.close();
  }
} finally {
  await browser.close();
}
