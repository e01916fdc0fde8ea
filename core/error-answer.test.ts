import { expect, it } from "vitest";
import { errorAnswer } from "./error-answer.ts";
import { AppError } from "./errors.ts";

const fastify = (code: string, statusCode: number) =>
  Object.assign(new Error("words"), { code, statusCode });

it.each([
  ["our own refusal", new AppError("BODY_EMPTY", "nothing"), 400, "BODY_EMPTY", undefined, false],
  [
    "back-pressure names when to come back",
    new AppError("BACKPRESSURE", "full", { details: { retryAfterS: 7 } }),
    429,
    "BACKPRESSURE",
    7,
    false,
  ],
  ["a store away", new AppError("STORE_UNAVAILABLE", "away"), 503, "STORE_UNAVAILABLE", 1, true],
  [
    "Fastify's body limit",
    fastify("FST_ERR_CTP_BODY_TOO_LARGE", 413),
    413,
    "BODY_TOO_LARGE",
    undefined,
    false,
  ],
  [
    "Fastify's media type",
    fastify("FST_ERR_CTP_INVALID_MEDIA_TYPE", 415),
    415,
    "MEDIA_TYPE_UNSUPPORTED",
    undefined,
    false,
  ],
  ["a validation", fastify("FST_ERR_VALIDATION", 400), 400, "REQUEST_INVALID", undefined, false],
  ["an unexpected fault", new Error("secret words"), 500, "INTERNAL", undefined, true],
  ["a thrown text", "secret words", 500, "INTERNAL", undefined, true],
])("%s", (_name, error, ...expected) => {
  const [status, code, retryAfterS, isFault] = expected;
  const answer = errorAnswer(error);
  expect(answer).toMatchObject({ status, isFault, body: { error: { code } } });
  expect(answer.retryAfterS).toBe(retryAfterS);
  expect(JSON.stringify(answer)).not.toContain("secret");
});
