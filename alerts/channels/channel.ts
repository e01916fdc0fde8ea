// What every way out over HTTP has: the shape of its settings, what may be shown of them, and how a note becomes a request.
import type { z } from "zod";
import type { ChannelKind } from "../../core/channel.ts";
import type { Note } from "./note.ts";

export type OutRequest = {
  url: string;
  method: "POST" | "PUT" | "GET";
  headers: Readonly<Record<string, string>>;
  body: string;
};

/** `id`: the message's, the same at each try. `at`: this try. */
export type Stamp = { id: string; at: Date };

/** A channel with its settings read. `shown`: what people may see of where it goes. */
export type OpenChannel = {
  shown: string;
  request(note: Note, stamp: Stamp): OutRequest;
};

export type Channel = {
  kind: ChannelKind;
  /** One line for the help. */
  about: string;
  /** The receiver recognises a message that comes twice, so a try without an answer may be repeated. */
  knowsRepeats: boolean;
  /** Longest text of a setting is bounded by its schema. Throws ZodError. */
  open(settings: unknown): OpenChannel;
};

/** Ties the shape of a channel's settings to what it does with them. */
export function defineChannel<S extends { url: string }>(channel: {
  kind: ChannelKind;
  about: string;
  knowsRepeats: boolean;
  settings: z.ZodType<S>;
  shown(settings: S): string;
  request(note: Note, settings: S, stamp: Stamp): OutRequest;
}): Channel {
  const { kind, about, knowsRepeats } = channel;
  return {
    kind,
    about,
    knowsRepeats,
    open(given) {
      const settings = channel.settings.parse(given);
      return {
        shown: channel.shown(settings),
        request: (note, stamp) => channel.request(note, settings, stamp),
      };
    },
  };
}

export const JSON_BODY = { "content-type": "application/json; charset=utf-8" } as const;

/** Of an address whose path is as good as a password: the host only. */
export function hostOnly({ url }: { url: string }): string {
  return `${new URL(url).origin}/…`;
}
