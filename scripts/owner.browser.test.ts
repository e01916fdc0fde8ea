// An owner with ten minutes: signs in by the link, reads the alert, says what it was. In Debian's Chromium.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  admin,
  freePort,
  type RunningService,
  startRunningService,
} from "./faults/running-service.ts";

const ARGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage";

let dataDir: string;
let service: RunningService;
let browser: Browser;
let page: Page;
let key: string;
/** As a person has it: the session's cookie belongs to this name. */
let site: string;
let options: Parameters<typeof startRunningService>[0];
const complaints: string[] = [];

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

describe.skipIf(!existsSync(CHROMIUM))("an owner with ten minutes", () => {
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "tillwatch-owner-"));
    options = { dataDir, port: await freePort() };
    service = await startRunningService(options);
    site = `http://localhost:${options.port}`;
    key = String((await admin(options, "merchant", "create", "--name", "Soho Coffee")).api_key);
    await fetch(`${service.url}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        event_id: "b1",
        event_type: "file_changed",
        ts: Date.now(),
        store_id: "soho",
        terminal_id: "till-2",
        path: "<img src=x onerror=alert(1)>",
        new_hash: "ab12",
        in_release: false,
      }),
    });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ARGS.split(" "),
    });
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (fault) => complaints.push(String(fault)));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("shows nothing to a stranger but how to get a link", async () => {
    await page.goto(`${site}/alerts`);
    expect(page.url()).toContain("/sign-in");
    expect(await page.textContent("body")).toContain("admin -- link");
  });

  it("signs in by the link that the terminal printed, which a look at does not spend and a use does", async () => {
    const link = /http:\S+\/sign-in\?token=\S+/.exec(service.output())?.[0] ?? "";
    for (let look = 0; look < 3; look += 1) expect((await fetch(link)).status).toBe(200);
    await page.goto(link);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Overview" }).waitFor();
    const token = new URL(link).searchParams.get("token") ?? "";
    const again = await fetch(`${service.url}/sign-in`, {
      method: "POST",
      body: new URLSearchParams({ token }),
      redirect: "manual",
    });
    expect(again.status).toBe(403);
  });

  it("reads the alert on a phone without scrolling sideways, takes it on, and says what it was", async () => {
    await page.goto(`${site}/alerts`);
    await page.locator("article h2 a").first().click();
    expect(await page.textContent("main")).toMatch(/till software changed/i);
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(390);
    await page.getByRole("link", { name: /How the rule came to it/ }).click();
    await page.getByRole("heading", { name: /What would have kept it silent/ }).waitFor();
    expect(await page.textContent(".tree")).toContain("in_release");
    const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
    expect(wide).toBeLessThanOrEqual(390);
    await page.goBack();
    await page.getByRole("button", { name: "I am looking at it" }).click();
    await page.getByRole("radio").nth(1).check();
    await page.getByRole("textbox").fill("Planned repair; card 4111 1111 1111 1111");
    await page.getByRole("button", { name: "Resolve" }).click();
    await page.waitForLoadState();
    const answer = await fetch(`${service.url}/v1/alerts`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { alerts } = (await answer.json()) as { alerts: Record<string, string>[] };
    expect(alerts[0]).toMatchObject({ state: "resolved", label: "not_fraud" });
    expect(alerts[0]?.reason?.replace(/\s/g, "")).not.toContain("4111111111111111");
    expect(alerts[0]?.reason).toContain("Planned repair");
  });

  it("finds the mail in the outbox, shown as it would look", async () => {
    await page.goto(`${site}/outbox`);
    await page.locator("main a[href^='/outbox/']").first().click();
    const frame = page.frameLocator("iframe");
    await frame
      .getByText(/Do now/i)
      .first()
      .waitFor();
  });

  it("ran no script of a stranger and broke no content policy", () => {
    expect(complaints).toEqual([]);
  });
});
