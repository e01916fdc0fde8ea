// Reads a request body as bytes, unpacks gzip, and counts while it does: a small packed body can be a large one.
import type { IncomingHttpHeaders } from "node:http";
import type { Readable, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "../../core/errors.ts";

export type BodyLimit = { bytes: number; words: string };

/** In: a request's stream and headers. Throws BODY_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED, REQUEST_INVALID. */
export async function readBody(
  stream: Readable,
  headers: IncomingHttpHeaders,
  limit: BodyLimit,
): Promise<Buffer> {
  const said = Number(headers["content-length"] ?? 0);
  if (said > limit.bytes) throw tooLarge(limit);
  const encoding = (headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return collect(stream, limit);
  if (encoding !== "gzip" && encoding !== "x-gzip") {
    throw new AppError("MEDIA_TYPE_UNSUPPORTED", "content-encoding: only gzip or none is taken.");
  }
  const gunzip: Transform = createGunzip();
  // Not pipeline(): it would destroy the request, and with it the answer.
  stream.on("error", (error) => gunzip.destroy(error));
  stream.pipe(gunzip);
  try {
    return await collect(gunzip, limit);
  } catch (cause) {
    stream.unpipe(gunzip);
    stream.resume();
    if (cause instanceof AppError) throw cause;
    throw new AppError("REQUEST_INVALID", "The body is no gzip, although it says so.", { cause });
  }
}

async function collect(stream: Readable, limit: BodyLimit): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    stream.on("data", (part: Buffer) => {
      size += part.length;
      if (size > limit.bytes) {
        stream.removeAllListeners("data");
        stream.resume();
        reject(tooLarge(limit));
        return;
      }
      parts.push(part);
    });
    stream.on("end", () =>
      resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)),
    );
    stream.on("error", reject);
  });
}

function tooLarge(limit: BodyLimit): AppError {
  return new AppError("BODY_TOO_LARGE", `The body is over the limit of this door: ${limit.words}.`);
}
