// The part of k6's own modules that the load scripts use. Source: https://grafana.com/docs/k6/latest/javascript-api/

declare const __ENV: Readonly<Record<string, string | undefined>>;

declare module "k6" {
  export function check<T>(value: T, checks: Record<string, (value: T) => boolean>): boolean;
}

declare module "k6/http" {
  type Params = { headers?: Record<string, string>; tags?: Record<string, string> };
  export type Response = { status: number; body: string | null; json(path?: string): unknown };
  export function get(url: string, params?: Params): Response;
  export function post(url: string, body: string, params?: Params): Response;
}

declare module "k6/crypto" {
  export function hmac(
    algorithm: "sha256",
    secret: string,
    data: string,
    encoding: "base64",
  ): string;
}

declare module "k6/execution" {
  export const scenario: { iterationInTest: number };
}

declare module "k6/metrics" {
  export class Counter {
    constructor(name: string);
    add(value: number): void;
  }
}
