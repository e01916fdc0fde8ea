// The mail about one alert: subject, HTML and text, readable on a phone in twenty seconds.
import { renderAlertMail } from "./alert-mail-html.ts";
import { alertMailText } from "./alert-mail-text.ts";
import { type AlertMailProps, viewOf } from "./alert-mail-view.ts";

export type AlertMail = { subject: string; html: string; plain: string };

/** In: an alert and what the merchant calls things. Out: the finished mail; every text from events is cut and harmless. */
export async function alertMail(props: AlertMailProps): Promise<AlertMail> {
  const view = viewOf(props);
  return { subject: view.subject, html: await renderAlertMail(view), plain: alertMailText(view) };
}
