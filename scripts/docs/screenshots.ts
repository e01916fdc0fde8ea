// Takes the pictures in docs/ from a running service: overview, an alert, its mail as it looks and as text.
// Use: `node scripts/docs/screenshots.ts <sign-in link> [folder]`, with the link that `npm start` prints. Needs Debian's chromium.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const ARGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage";

const LOOKS: { name: string; options: BrowserContextOptions }[] = [
  { name: "", options: { viewport: { width: 1200, height: 900 } } },
  { name: "-phone", options: { viewport: { width: 390, height: 844 }, colorScheme: "dark" } },
];

async function signIn(
  browser: Browser,
  link: string,
): Promise<BrowserContextOptions["storageState"]> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Overview" }).waitFor();
  return await context.storageState();
}

async function shoot(page: Page, path: string): Promise<void> {
  await page.screenshot({ path, fullPage: true });
  process.stderr.write(`${path}\n`);
}

async function take(
  page: Page,
  origin: string,
  name: (of: string) => string,
): Promise<string | null> {
  await page.goto(origin);
  await shoot(page, name("overview"));
  await page.goto(`${origin}/alerts?state=open`);
  await page.locator("article h2 a").first().click();
  await shoot(page, name("alert"));
  await page.goto(`${origin}/outbox`);
  await page.locator("td a").first().click();
  const text = await page.locator("pre").first().textContent();
  const frame = await page.locator("iframe").getAttribute("src");
  await page.goto(new URL(frame ?? "/", origin).href);
  await shoot(page, name("mail"));
  return text;
}

const [link, folder = "docs/pictures"] = process.argv.slice(2);
if (link === undefined || link === "--help") {
  process.stderr.write("Use: node scripts/docs/screenshots.ts <sign-in link> [folder]\n");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ARGS.split(" "),
});
try {
  const storageState = await signIn(browser, link);
  for (const look of LOOKS) {
    const context = await browser.newContext({ ...look.options, storageState });
    const page = await context.newPage();
    const text = await take(page, new URL(link).origin, (of) =>
      join(folder, `${of}${look.name}.png`),
    );
    if (look.name === "" && text !== null) writeFileSync(join(folder, "mail.txt"), text);
    await context.close();
  }
} finally {
  await browser.close();
}
