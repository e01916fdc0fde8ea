// Pages are written as templates that escape every value by default, so that no name can become markup.

const MARK: unique symbol = Symbol("html");

/** Markup that is safe to send. Made by {@link html} alone (or {@link rawHtml}, for text that we wrote ourselves). */
export type Html = { readonly [MARK]: true; readonly text: string; toString(): string };

/** What may stand in a template: texts and numbers are escaped, markup is kept, lists are joined, nothing shows as nothing. */
export type HtmlValue = Html | string | number | bigint | boolean | null | undefined | HtmlValue[];

function mark(text: string): Html {
  return { [MARK]: true, text, toString: () => text };
}

function isHtml(value: object): value is Html {
  return MARK in value;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for element content and for attribute values in quotes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** Takes text as markup, unescaped. For constants of ours only, never for anything that came in from outside. */
export function rawHtml(text: string): Html {
  return mark(text);
}

function show(value: HtmlValue): string {
  if (value === null || value === undefined || typeof value === "boolean") return "";
  if (Array.isArray(value)) return value.map(show).join("");
  if (typeof value === "object") return isHtml(value) ? value.text : escapeHtml(String(value));
  return escapeHtml(String(value));
}

/**
 * Tagged template: `` html`<p title="${name}">${rows.map((row) => html`<li>${row}</li>`)}</p>` ``.
 * Attribute values must stand in quotes; a value never belongs inside `<script>`, `<style>` or an event attribute.
 * An address in `href` is escaped, not judged: pass {@link safeHref} where a stranger wrote it.
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  let text = strings[0] ?? "";
  for (const [i, value] of values.entries()) text += show(value) + (strings[i + 1] ?? "");
  return mark(text);
}

/** The address when it is http, https, mailto or a path of our own site, else `#`. */
export function safeHref(address: string): string {
  if (/^(https?:\/\/|mailto:)/i.test(address)) return address;
  return /^\/(?![/\\])/.test(address) ? address : "#";
}
