import { expect, it } from "vitest";
import { type HtmlValue, html, rawHtml, safeHref } from "./html.ts";

it.each<{ name: string; value: HtmlValue; shown: string }>([
  {
    name: "markup in a text",
    value: "<script>x</script>",
    shown: "&lt;script&gt;x&lt;/script&gt;",
  },
  { name: "both kinds of quotes", value: `"a" 'b'`, shown: "&quot;a&quot; &#39;b&#39;" },
  { name: "an entity is not taken as one", value: "&lt;", shown: "&amp;lt;" },
  { name: "a number", value: 0, shown: "0" },
  { name: "nothing", value: [null, undefined, false, true], shown: "" },
  { name: "a list, each escaped", value: ["<", html`<b>${">"}</b>`], shown: "&lt;<b>&gt;</b>" },
  { name: "our own markup", value: rawHtml("<hr>"), shown: "<hr>" },
])("$name is shown as $shown", ({ value, shown }) => {
  expect(html`<p>${value}</p>`.toString()).toBe(`<p>${shown}</p>`);
});

it("an object that only looks like markup is escaped", () => {
  const forged = JSON.parse('{"text":"<b>"}') as HtmlValue;
  expect(html`${forged}`.text).not.toContain("<b>");
});

it.each([
  { address: "https://a.example/x", href: "https://a.example/x" },
  { address: "/alerts?x=1", href: "/alerts?x=1" },
  { address: "javascript:alert(1)", href: "#" },
  { address: " javascript:alert(1)", href: "#" },
  { address: "//evil.example", href: "#" },
  { address: "/\\evil.example", href: "#" },
  { address: "data:text/html,x", href: "#" },
])("a link to $address leads to $href", ({ address, href }) => {
  expect(safeHref(address)).toBe(href);
});
