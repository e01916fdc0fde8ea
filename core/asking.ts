// How a provider is asked for what it does not send: the questions and what their answers mean, all pure.
import type { Translation } from "./delivery.ts";
import type { JsonReader } from "./json-reader.ts";

/** One GET at the provider's own host. The path begins with `/`; values of `query` may be lists. */
export type Question = { path: string; query?: Readonly<Record<string, string | string[]>> };

/** Whom we ask about, and when. `sinceMs` is when the connection was made. */
export type Asker = { account: string; nowMs: number; sinceMs: number };

/** An object as the provider has it. `type` is our word for its shape; it comes from the question, never from an answer. */
export type Asked = { type: string; object: unknown };

/** `cursor` is saved once the objects are on disk; `more`: the next question can be asked at once. */
export type Answered = { objects: Asked[]; cursor: string | null; more: boolean };

/** A question and its answer, one page at a time. `cursor` null is the beginning. Both throw ShapeFault. */
export type Inquiry = {
  ask(cursor: string | null, of: Asker): Question;
  read(answer: JsonReader, cursor: string | null, of: Asker): Answered;
};

/** A list that is read again and again. */
export type Poll = Inquiry & { what: string; everyMs: number };

/**
 * A provider's API. `hosts` are its own, the first by default; nothing else is ever asked. `object` answers how something
 * that a delivery named is asked for, undefined when it is not.
 */
export type Asking = {
  hosts: readonly [string, ...string[]];
  /** What the token is called there and what it must be allowed to read, for people. */
  token: string;
  headers(token: string): Record<string, string>;
  polls: readonly Poll[];
  object?(type: string, id: string): Inquiry | undefined;
  translate(asked: Asked, account: string): Translation;
};
