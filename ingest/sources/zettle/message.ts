// Zettle's envelope: its payload is JSON within a text, and that text is what is signed.
import { contentId } from "../../../core/ids.ts";
import { type JsonReader, needed, readJson, ShapeFault } from "../../../core/json-reader.ts";

/** `payload` is the signed part; the name of the event stands outside it and is a hint. */
export type ZettleMessage = { body: JsonReader; name: string; payload: JsonReader; key: string };

/** The body with its payload as an object, as it rests. Throws SyntaxError. */
export function openPayload(text: string): unknown {
  const body: unknown = JSON.parse(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const { payload } = body as { payload?: unknown };
  return typeof payload === "string" ? { ...body, payload: JSON.parse(payload) } : body;
}

/** Throws ShapeFault, SyntaxError. */
export function readMessage(text: string): ZettleMessage {
  const opened = openPayload(text);
  const body = readJson(opened, "");
  const payload = needed(body.object("payload"), "payload");
  const time = body.text("timestamp") ?? "";
  return {
    body,
    payload,
    name: needed(body.text("eventName"), "eventName"),
    key: contentId("zettle", time, JSON.stringify(body.raw("payload"))),
  };
}

/** The time and the text that are signed, or undefined where the body has no such texts. */
export function signedParts(text: string): { time: string; payload: string } | undefined {
  try {
    const body = readJson(JSON.parse(text), "");
    const time = body.text("timestamp");
    const payload = body.text("payload");
    return time === undefined || payload === undefined ? undefined : { time, payload };
  } catch (fault) {
    if (fault instanceof ShapeFault || fault instanceof SyntaxError) return undefined;
    throw fault;
  }
}

/** Sent before there is a key, when somebody subscribes: it must be answered, and it says nothing. */
export function isTestMessage(text: string): boolean {
  try {
    return readJson(JSON.parse(text), "").text("eventName") === "TestMessage";
  } catch (fault) {
    if (fault instanceof ShapeFault || fault instanceof SyntaxError) return false;
    throw fault;
  }
}
