// A real HTTP server in this process that takes what channels send, and can be slow, rude or silent.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export type Received = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
};

export type Answer =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Closes the connection without a word once the request is in. */
  | "drop"
  /** Never answers. */
  | "silence"
  /** Sends a status and then a body that never ends. */
  | "endless";

export type Receiver = {
  url: string;
  /** Every request that came in whole. */
  received: Received[];
  /** Connections so far. */
  connections(): number;
  /** Asked for each request. */
  answer: (got: Received) => Answer;
  close(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("error", () => {});
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const got = { method, path: url, headers, body };
      receiver.received.push(got);
      const answer = receiver.answer(got);
      if (answer === "silence") return;
      if (answer === "drop") return request.socket.destroy();
      if (answer === "endless") {
        response.writeHead(200);
        const timer = setInterval(() => response.write("x".repeat(65_536)), 5);
        response.on("close", () => clearInterval(timer));
        return;
      }
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body ?? "");
    });
  });
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve());
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    connections: () => connections,
    answer: () => ({ status: 200 }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return receiver;
}
