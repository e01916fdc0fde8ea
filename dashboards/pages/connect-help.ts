// How to connect a source, with the very commands to type.
import { type Html, html } from "../../core/html.ts";
import type { ShopLine } from "./shop-line.ts";

export function connectHelp(shops: readonly ShopLine[], publicUrl: string): Html {
  const own = shops.find((shop) => !shop.isDemo);
  const merchant = own?.id ?? "MERCHANT_ID";
  return html`<div class="columns columns-even">
<div class="card"><h3>1. ${own === undefined ? "Name your business" : "Your business"}</h3>
${
  own === undefined
    ? html`<p>On the computer that runs Tillwatch:</p>
<pre class="command">npm run --silent admin -- merchant create --name "My shop" --json</pre>
<p class="soft">It prints the merchant's id and an API key. Keep the key: it is shown once.</p>`
    : html`<p>${own.name} is known here as <code>${own.id}</code>.</p>`
}</div>
<div class="card"><h3>2. Square or Stripe</h3>
<p>Take the signing secret from your provider's webhook page, then:</p>
<pre class="command">npm run --silent admin -- source add \\
  --merchant ${merchant} --kind square --secret - --json</pre>
<p class="soft">It prints the address to enter at the provider: ${publicUrl}/in/… Use <code>--kind stripe</code> for Stripe.</p></div>
<div class="card"><h3>Or your own till</h3>
<p>Send events as JSON with the API key:</p>
<pre class="command">curl ${publicUrl}/v1/events \\
  -H "Authorization: Bearer tw_…" \\
  -H "Content-Type: application/json" \\
  -d '{"event_id":"e1","event_type":"refund",
       "ts":"2026-11-25T14:02:00Z","store_id":"soho",
       "amount":8240,"currency":"EUR"}'</pre>
<p class="soft">All event types and fields: <a href="/openapi.json">/openapi.json</a></p></div>
<div class="card"><h3>Alert mail</h3>
<p>Set <code>TILLWATCH_SMTP_URL</code> and <code>TILLWATCH_MAIL_FROM</code>, and start again. Until then every mail lies in the <a href="/outbox">outbox</a>, as it would look.</p></div>
</div>`;
}
