// What the sign-in page shows: one button, or how to get a link.
import { type Html, html } from "../core/html.ts";

export const SIGN_IN_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; display: grid; min-height: 100vh; place-items: center; }
main { max-width: 28rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
code { display: block; padding: .75rem; border: 1px solid #8888; border-radius: .375rem; overflow-x: auto; }
button { font: inherit; padding: .75rem 1.5rem; border: 0; border-radius: .375rem; background: #0b5cad; color: #fff; cursor: pointer; }
button:focus-visible { outline: 3px solid #e59400; outline-offset: 2px; }
[role="alert"] { border-left: 4px solid #c62828; padding-left: .75rem; }
`;

function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Tillwatch</title>
<link rel="stylesheet" href="/sign-in.css">
</head>
<body><main>
<h1>${title}</h1>
${body}
</main></body>
</html>
`.text;
}

/** GET with a token. Mail scanners and previews open links too; only the button spends it. */
export function linkPage(token: string, next: string): string {
  return page(
    "Sign in to Tillwatch",
    html`<p>This link works once. Nothing happens until you press the button.</p>
<form method="post" action="/sign-in">
<input type="hidden" name="token" value="${token}">
<input type="hidden" name="next" value="${next}">
<button type="submit">Sign in</button>
</form>`,
  );
}

/** GET without a token, and the answer to a link that does not work. */
export function howToPage(problem?: string): string {
  const alert = problem === undefined ? "" : html`<p role="alert">${problem}</p>`;
  return page(
    problem === undefined ? "Sign in to Tillwatch" : "This link does not work",
    html`${alert}
<p>You sign in with a link that works once, within an hour. On the computer that runs Tillwatch, get a new one with:</p>
<code>npm run --silent admin -- link</code>`,
  );
}

export function signedOutPage(): string {
  return page(
    "You are signed out",
    html`<p>To come back, you need a new link:</p>
<code>npm run --silent admin -- link</code>`,
  );
}
