// Holds the port from the first second, and answers 503 in words until the service is ready.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "../core/errors.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export type Listener = {
  port: number;
  /** From now on requests go to `handler`. */
  serve(handler: Handler): void;
  /** Stops taking connections and ends idle ones; resolves when the last answer has gone. */
  close(): Promise<void>;
};

function answerStarting(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const body = JSON.stringify({
    error: {
      code: "STARTING",
      message: "The service is still starting; try again in a few seconds.",
    },
  });
  response.writeHead(503, {
    "content-type": "application/json; charset=utf-8",
    "retry-after": "2",
    "cache-control": "no-store",
  });
  response.end(body);
}

/** Throws CONFIG_INVALID where the port is taken or may not be opened. */
export async function openListener(
  host: string,
  port: number,
  settings = "TILLWATCH_PORT or TILLWATCH_HOST",
): Promise<Listener> {
  let handler: Handler = answerStarting;
  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 20_000 },
    (request, response) => handler(request, response),
  );
  server.keepAliveTimeout = 72_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const why = (cause as NodeJS.ErrnoException).code ?? "unknown";
      reject(
        new AppError(
          "CONFIG_INVALID",
          `Cannot listen on ${host}:${port} (${why}). Set ${settings} to something free.`,
          { cause },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    serve(next) {
      handler = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 5_000).unref();
      }),
  };
}
