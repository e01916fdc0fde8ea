// Promise 1 for alerts and mail: none lost, none doubled, whatever the mail server does and whenever we die.
import { simpleParser } from "mailparser";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Finding } from "../core/finding.ts";
import { silentLog } from "../core/log.ts";
import { countAlerts, listAlerts } from "../stores/alerts.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { addMails, claimMail, listMails, moveMail } from "../stores/mails.ts";
import { createMerchant } from "../stores/merchants.ts";
import { setNoise } from "../stores/noise.ts";
import { upsertStaff, upsertStore } from "../stores/places.ts";
import { sendMail } from "./send-mail.ts";
import { takeBatch } from "./take-findings.ts";
import { type AlertsGround, openAlertsGround } from "./testing/ground.ts";
import { aFinding, insertFindings } from "./testing.ts";
import type { Alerts } from "./worker.ts";

const LINK_KEY = "l".repeat(43);
let ground: AlertsGround;
let handle: PostgresHandle;
let server: AlertsGround["server"];
const running: Alerts[] = [];
let serial = 0;

beforeAll(async () => {
  ground = await openAlertsGround();
  ({ handle, server } = ground);
});
afterAll(async () => {
  await ground?.close();
});
beforeEach(() => {
  server.mode = "take";
  server.messages.length = 0;
});
afterEach(async () => {
  for (const alerts of running.splice(0)) await alerts.close();
});

async function aMerchant(
  over: { emails?: string[]; is_demo?: boolean; name?: string } = {},
): Promise<string> {
  const made = await createMerchant(
    handle.db,
    {
      name: "Corner Coffee",
      currency: "EUR",
      zone: "Europe/London",
      emails: ["owner@corner.example"],
      is_demo: false,
      ...over,
    },
    Date.now(),
  );
  await upsertStore(handle.db, made.id, { id: "soho", name: "Soho" });
  await upsertStaff(handle.db, made.id, { cashier_id: "c-7", name: "Sam Carter" });
  return made.id;
}

function findingOf(merchant_id: string, over: Partial<Finding> = {}): Finding {
  serial += 1;
  return aFinding({ merchant_id, id: `finding-${serial}`, ...over });
}

async function start(smtp: "on" | "off" = "on"): Promise<Alerts> {
  const alerts = await ground.start({ smtp: smtp === "on", firstPauseMs: 100 });
  running.push(alerts);
  return alerts;
}

const mailsOf = (merchantId: string) => listMails(handle.db, merchantId, { limit: 200 });

async function until(check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

it("an alert is told once, with the right headers, in HTML and text", async () => {
  const merchant = await aMerchant();
  const alerts = await start();
  await insertFindings(handle, [
    findingOf(merchant),
    findingOf(merchant, { ts: aFinding().ts + 60_000 }),
  ]);
  alerts.wake();
  await alerts.idle();
  expect(await listAlerts(handle.db, merchant, { limit: 10 })).toMatchObject([
    { finding_count: 2, event_count: 5 },
  ]);
  expect(server.messages).toHaveLength(1);
  const mail = await simpleParser(server.messages[0] ?? "");
  expect(mail.subject).toBe("[High] 5 refunds in 8 min, Till 2, Soho (€412)");
  expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
  expect(mail.messageId).toMatch(/^<[0-9a-f]{40}@alerts\.example>$/);
  expect(mail.from?.value).toEqual([{ name: "Tillwatch", address: "tillwatch@alerts.example" }]);
  expect(mail.text?.replace(/\s+/g, " ")).toContain("At the till: Sam.");
  expect(mail.text).not.toContain("Carter");
  const [row] = await mailsOf(merchant);
  for (const part of [String(mail.html), mail.text ?? ""]) {
    expect(part).toMatch(/••••\s4242/);
    const hosts = [...part.matchAll(/https?:\/\/[^/"<\s]+/g)].map(([host]) => host);
    expect(new Set(hosts.filter((host) => host !== "http://www.w3.org"))).toEqual(
      new Set(["https://watch.example"]),
    );
  }
  expect(row).toMatchObject({ state: "accepted", attempts: 1, recipient: "owner@corner.example" });
});

it("an escalation is a mail of its own in the same thread", async () => {
  const merchant = await aMerchant();
  const alerts = await start();
  await insertFindings(handle, [findingOf(merchant)]);
  await alerts.idle();
  await insertFindings(handle, [findingOf(merchant, { level: "critical", value: 9 })]);
  await alerts.idle();
  const [first, second] = await Promise.all(server.messages.map((text) => simpleParser(text)));
  expect(server.messages).toHaveLength(2);
  expect(second?.inReplyTo).toBe(first?.messageId);
  expect(second?.references).toBe(first?.messageId);
  expect(second?.subject).toMatch(/^\[Critical\]/);
});

it.each(["later", "later-after-data"] as const)("%s, then taken: one mail", async (mode) => {
  const merchant = await aMerchant();
  server.mode = mode;
  const alerts = await start();
  await insertFindings(handle, [findingOf(merchant)]);
  await alerts.idle();
  expect(await mailsOf(merchant)).toMatchObject([{ state: "queued", response: "451 said no" }]);
  server.mode = "take";
  await until(async () => (await mailsOf(merchant))[0]?.state === "accepted");
  expect(server.messages).toHaveLength(1);
});

it("refused for good is not tried again", async () => {
  const merchant = await aMerchant();
  server.mode = "never";
  const alerts = await start();
  await insertFindings(handle, [findingOf(merchant)]);
  await alerts.idle();
  server.mode = "take";
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await mailsOf(merchant)).toMatchObject([
    { state: "refused", attempts: 1, response: "550 said no" },
  ]);
  expect(server.messages).toHaveLength(0);
});

it("a connection that drops after the last bytes leaves a maybe, never a second mail", async () => {
  const merchant = await aMerchant();
  server.mode = "drop-after-data";
  const alerts = await start();
  await insertFindings(handle, [findingOf(merchant)]);
  await alerts.idle();
  server.mode = "take";
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await mailsOf(merchant)).toMatchObject([{ state: "maybe" }]);
  expect(server.messages).toHaveLength(1);
});

it("a sender that died while it held a mail: claimed is sent, ending becomes maybe", async () => {
  const merchant = await aMerchant({ emails: ["a@corner.example", "b@corner.example"] });
  await insertFindings(handle, [findingOf(merchant)]);
  await takeBatch(
    { db: handle.db, advise: () => undefined, mailHost: "alerts.example", now: Date.now },
    10,
  );
  const [one, two] = await mailsOf(merchant);
  if (!one || !two) throw new Error("two mails are due");
  await claimMail(handle.db, one, "dead-1", Date.now());
  await claimMail(handle.db, two, "dead-2", Date.now());
  await moveMail(handle.db, two, { from: ["claimed"], to: "ending", claim: "dead-2" }, Date.now());
  const alerts = await start();
  await alerts.idle();
  const states = new Map((await mailsOf(merchant)).map((mail) => [mail.id, mail.state]));
  expect(states.get(one.id)).toBe("accepted");
  expect(states.get(two.id)).toBe("maybe");
  expect(server.messages).toHaveLength(1);
});

it("a clock that was an hour ahead when a sender died keeps no mail waiting for that hour", async () => {
  const merchant = await aMerchant({ emails: ["a@corner.example", "b@corner.example"] });
  await insertFindings(handle, [findingOf(merchant)]);
  const ahead = () => Date.now() + 3_600_000;
  await takeBatch(
    { db: handle.db, advise: () => undefined, mailHost: "alerts.example", now: ahead },
    10,
  );
  const [one, two] = await mailsOf(merchant);
  if (!one || !two) throw new Error("two mails are due");
  await claimMail(handle.db, two, "dead", ahead());
  // The jobs that they left behind: put off until the hour that never came.
  for (const { merchant_id, id } of [one, two]) {
    const jobs = ground.queue.queue("alerts-mail");
    await jobs.add("send", { merchant_id, id }, { jobId: id, delay: 3_600_000 });
  }
  const alerts = await start();
  await alerts.idle();
  expect((await mailsOf(merchant)).map(({ state }) => state)).toEqual(["accepted", "accepted"]);
  expect(server.messages).toHaveLength(2);
});

it("a sender whose claim was taken over stops before the last bytes: the server gets one whole mail", async () => {
  const merchant = await aMerchant();
  await insertFindings(handle, [findingOf(merchant)]);
  await takeBatch(
    { db: handle.db, advise: () => undefined, mailHost: "alerts.example", now: Date.now },
    10,
  );
  const [due] = await mailsOf(merchant);
  if (!due) throw new Error("a mail is due");
  const { openEmailChannel } = await import("./channels/email.ts");
  const channel = openEmailChannel({
    url: server.url,
    requireTls: false,
    from: { name: "", address: "t@alerts.example" },
  });
  const deps = {
    db: handle.db,
    channel,
    advise: () => undefined,
    publicUrl: "https://watch.example",
    linkKey: LINK_KEY,
    now: Date.now,
    log: silentLog,
  };
  const results = await Promise.all([
    sendMail(deps, due),
    sendMail(deps, due),
    sendMail(deps, due),
  ]);
  expect(results.filter(({ state }) => state === "accepted")).toHaveLength(1);
  expect(server.messages).toHaveLength(1);
});

it("two workers at once: each finding is taken once, each mail sent once", async () => {
  const merchant = await aMerchant();
  await setNoise(handle.db, merchant, { alerts_a_week: 3, mails_an_hour: 20 }, Date.now());
  const [one, two] = [await start(), await start()];
  const findings = Array.from({ length: 60 }, (_, n) =>
    findingOf(merchant, { subject: `card:tok-${n % 20}` as const }),
  );
  await insertFindings(handle, findings);
  one.wake();
  two.wake();
  await Promise.all([one.idle(), two.idle()]);
  const alerts = await listAlerts(handle.db, merchant, { limit: 200 });
  expect(alerts).toHaveLength(20);
  expect(alerts.reduce((sum, alert) => sum + alert.finding_count, 0)).toBe(60);
  const ids = await Promise.all(
    server.messages.map(async (text) => (await simpleParser(text)).messageId),
  );
  expect(ids).toHaveLength(20);
  expect(new Set(ids).size).toBe(20);
});

it("the same mail cannot be due twice", async () => {
  const merchant = await aMerchant({ emails: [] });
  await insertFindings(handle, [findingOf(merchant)]);
  await takeBatch(
    { db: handle.db, advise: () => undefined, mailHost: "alerts.example", now: Date.now },
    10,
  );
  const [due] = await mailsOf(merchant);
  if (!due) throw new Error("a mail is due");
  const { merchant_id, alert_id, kind, recipient, message_id, in_reply_to, event_ts } = due;
  const again = {
    id: "mail_again",
    merchant_id,
    alert_id,
    kind,
    recipient,
    message_id,
    in_reply_to,
    event_ts,
  };
  expect(await addMails(handle.db, [again], Date.now())).toEqual([]);
  expect(await mailsOf(merchant)).toHaveLength(1);
});

it.each([
  {
    name: "no mail server",
    smtp: "off" as const,
    merchant: {},
    response: /no mail server/i,
    recipient: "owner@corner.example",
  },
  {
    name: "the demo",
    smtp: "on" as const,
    merchant: { is_demo: true },
    response: /demo/i,
    recipient: "owner@corner.example",
  },
  {
    name: "no address yet",
    smtp: "on" as const,
    merchant: { emails: [] },
    response: /no address/i,
    recipient: "",
  },
])(
  "$name: the mail lies in the outbox, as it would look",
  async ({ smtp, merchant, response, recipient }) => {
    const id = await aMerchant(merchant);
    const alerts = await start(smtp);
    await insertFindings(handle, [findingOf(id)]);
    await alerts.idle();
    const [mail] = await mailsOf(id);
    expect(mail).toMatchObject({
      state: "local",
      recipient,
      response: expect.stringMatching(response),
    });
    expect(mail?.html).toContain("5 refunds in 8 min");
    expect(mail?.plain).toContain("5 refunds in 8 min");
    expect(server.messages).toHaveLength(0);
  },
);

it("what is merely informational is listed, not mailed", async () => {
  const merchant = await aMerchant();
  const alerts = await start();
  await insertFindings(handle, [findingOf(merchant, { level: "informational" })]);
  await alerts.idle();
  expect(await countAlerts(handle.db, merchant, 0)).toEqual([
    { state: "open", level: "informational", count: 1 },
  ]);
  expect(await mailsOf(merchant)).toEqual([]);
});

it("hostile names reach nobody as markup, header, link or flood", async () => {
  const hostile = `<script>alert(1)</script>\r\nBcc: x@evil.example =HYPERLINK("http://evil.example") \u202e${"ä".repeat(5000)}`;
  const merchant = await aMerchant({ name: hostile.replace(/[\r\n]/g, " ").slice(0, 190) });
  await upsertStore(handle.db, merchant, { id: "soho", name: hostile.slice(0, 190) });
  const alerts = await start();
  const finding = findingOf(merchant, {
    title: hostile,
    explanation: hostile,
    counterfactual: hostile,
    event_count: 1,
    terminal_id: hostile,
    cashier_id: hostile,
  });
  finding.evidence = finding.evidence
    .slice(0, 1)
    .map((event) => ({ ...event, cashier_id: hostile, fields: { last4: hostile, path: hostile } }));
  await insertFindings(handle, [finding]);
  await alerts.idle();
  const mail = await simpleParser(server.messages[0] ?? "");
  expect(mail.bcc).toBeUndefined();
  expect(mail.to).toMatchObject({ value: [{ address: "owner@corner.example" }] });
  expect(mail.subject?.length).toBeLessThan(160);
  expect(mail.html).not.toMatch(/<script/i);
  for (const part of [String(mail.html), mail.text ?? ""]) {
    expect(part).not.toContain("\u202e");
    expect(part).not.toContain("http://evil");
    expect(part).not.toContain("evil.example");
  }
  expect(Buffer.byteLength(String(mail.html))).toBeLessThan(102_000);
});
