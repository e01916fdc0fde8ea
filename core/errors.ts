// One error class and one table of codes, so that every refusal has a stable name that callers can act on.

/** How each code answers: HTTP status, whether trying again can help, and what it means to a reader. */
export const ERRORS = {
  // the request as a whole
  BODY_NOT_JSON: { status: 400, retry: false, meaning: "The body is neither JSON nor NDJSON." },
  BODY_EMPTY: { status: 400, retry: false, meaning: "The body holds no event." },
  BODY_TOO_LARGE: {
    status: 413,
    retry: false,
    meaning: "The body is over the limit of this door.",
  },
  TOO_MANY_EVENTS: {
    status: 413,
    retry: false,
    meaning: "The body holds more events than one request may.",
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    retry: false,
    meaning: "The content type or encoding is not taken here.",
  },
  REQUEST_INVALID: {
    status: 400,
    retry: false,
    meaning: "A parameter is missing or has the wrong form.",
  },
  NOT_FOUND: {
    status: 404,
    retry: false,
    meaning: "There is nothing here under that name for this caller.",
  },
  CONFLICT: {
    status: 409,
    retry: false,
    meaning: "The thing is no longer in the state that this act needs.",
  },
  // who is asking
  UNAUTHENTICATED: {
    status: 401,
    retry: false,
    meaning: "No valid key, signature or session came with the request.",
  },
  FORBIDDEN: {
    status: 403,
    retry: false,
    meaning: "The key or person is known but may not do this.",
  },
  SIGNATURE_INVALID: {
    status: 401,
    retry: false,
    meaning: "The signature does not fit the bytes, the address or the key.",
  },
  SIGNATURE_MISSING: { status: 401, retry: false, meaning: "The delivery carries no signature." },
  SIGNATURE_STALE: {
    status: 401,
    retry: false,
    meaning: "The signed time is too old or too far ahead.",
  },
  LINK_INVALID: { status: 403, retry: false, meaning: "The link is wrong, spent or expired." },
  // us
  RATE_LIMITED: {
    status: 429,
    retry: true,
    meaning: "Too many requests; the answer names when to come back.",
  },
  BACKPRESSURE: {
    status: 429,
    retry: true,
    meaning: "The spool is near its bound; nothing was taken.",
  },
  SPOOL_UNAVAILABLE: {
    status: 503,
    retry: true,
    meaning: "The event could not be made durable (disk full or failing); nothing was taken.",
  },
  STORE_UNAVAILABLE: { status: 503, retry: true, meaning: "A store does not answer." },
  SECRET_MISSING: {
    status: 503,
    retry: true,
    meaning: "The secret for this connection is not configured here.",
  },
  STARTING: { status: 503, retry: true, meaning: "The service is still starting." },
  INTERNAL: { status: 500, retry: true, meaning: "A fault of ours; the log has the cause." },
  // set-up
  CONFIG_INVALID: { status: 500, retry: false, meaning: "A setting is missing or wrong." },
  DATA_FOLDER_LOCKED: {
    status: 500,
    retry: false,
    meaning: "Another process holds the data folder.",
  },
  MIGRATION_EDITED: {
    status: 500,
    retry: false,
    meaning: "A migration that already ran was edited, removed or reordered.",
  },
  RULE_INVALID: {
    status: 400,
    retry: false,
    meaning: "A rule file has a mistake; the message names file, line and fix.",
  },
  SQL_REFUSED: {
    status: 400,
    retry: false,
    meaning: "The statement reaches beyond reading the caller's own rows; it was not run.",
  },
  SQL_FAILED: {
    status: 400,
    retry: false,
    meaning:
      "The statement cannot be read, or ran over a limit; the message has the engine's words.",
  },
  // values
  AMOUNT_INVALID: {
    status: 400,
    retry: false,
    meaning: "An amount is not a whole number of minor units within bounds.",
  },
  CURRENCY_UNKNOWN: {
    status: 400,
    retry: false,
    meaning: "The currency is not an ISO 4217 code that we know.",
  },
} as const satisfies Record<string, { status: number; retry: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * The one error that we throw. `code` is a key of {@link ERRORS}; the message says what was wrong, where, and what
 * to do, and never repeats a secret or a card number. Pass the fault below as `cause`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.details = options.details ?? {};
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retry(): boolean {
    return ERRORS[this.code].retry;
  }
}
