// Any fault as an HTTP answer: one body shape and a stable code, whatever went wrong.
import { AppError, type ErrorCode } from "./errors.ts";

export type ErrorAnswer = {
  status: number;
  /** Seconds, for a Retry-After header; only where trying again can help. */
  retryAfterS: number | undefined;
  body: {
    error: { code: ErrorCode; message: string; details?: Readonly<Record<string, unknown>> };
  };
  /** True: a fault of ours, whose cause belongs in the log. */
  isFault: boolean;
};

/** Fastify's own codes by ours; what is not listed follows its status. */
const BY_FASTIFY_CODE: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "BODY_TOO_LARGE",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "MEDIA_TYPE_UNSUPPORTED",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "REQUEST_INVALID",
  FST_ERR_CTP_EMPTY_JSON_BODY: "BODY_EMPTY",
  FST_ERR_CTP_INVALID_JSON_BODY: "BODY_NOT_JSON",
  FST_ERR_VALIDATION: "REQUEST_INVALID",
};
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "REQUEST_INVALID",
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  413: "BODY_TOO_LARGE",
  415: "MEDIA_TYPE_UNSUPPORTED",
  429: "RATE_LIMITED",
  503: "STORE_UNAVAILABLE",
};

/** In: anything thrown. Out: status and body. The words of an unexpected fault never leave the house. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof AppError) return appErrorAnswer(error);
  const { code, statusCode, message } = (error ?? {}) as Record<string, unknown>;
  const status = typeof statusCode === "number" && statusCode < 500 ? statusCode : 500;
  const known = BY_FASTIFY_CODE[String(code)] ?? BY_STATUS[status];
  if (known === undefined || status === 500) {
    return appErrorAnswer(
      new AppError("INTERNAL", "Something went wrong on our side; it is in the log."),
    );
  }
  return {
    status,
    retryAfterS: known === "RATE_LIMITED" ? 1 : undefined,
    body: { error: { code: known, message: String(message ?? "The request does not fit.") } },
    isFault: false,
  };
}

function appErrorAnswer(error: AppError): ErrorAnswer {
  const { retryAfterS, ...details } = error.details as { retryAfterS?: number };
  const waits = error.status === 429 || error.status === 503;
  const more = Object.keys(details).length > 0 ? { details } : {};
  return {
    status: error.status,
    retryAfterS: waits ? (retryAfterS ?? 1) : undefined,
    body: { error: { code: error.code, message: error.message, ...more } },
    isFault: error.status >= 500,
  };
}
