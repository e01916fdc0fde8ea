import { expect, it } from "vitest";
import { judgeUrl, mayConnect } from "./outbound.ts";

it.each([
  ["https://hooks.example/a?b=c", true],
  ["https://93.184.216.34:8443/", true],
  ["http://hooks.example/", false],
  ["ftp://hooks.example/", false],
  ["https://user:pw@hooks.example/", false],
  ["https://127.0.0.1/", false],
  ["https://2130706433/", false],
  ["https://0x7f.1/", false],
  ["https://[::1]/", false],
  ["https://[::ffff:10.0.0.1]/", false],
  ["https://169.254.169.254/latest/meta-data", false],
  ["http://localhost/", false],
  ["javascript:alert(1)", false],
  ["//hooks.example", false],
  ["", false],
])("%s may be typed as an address: %s", (text, ok) => {
  expect(judgeUrl(text, { loopback: false }).ok).toBe(ok);
});

it.each([
  ["http://localhost:8080/x", true],
  ["http://127.0.0.1/x", true],
  ["http://hooks.example/x", false],
  ["http://10.0.0.1/x", false],
  ["https://10.0.0.1/x", false],
])("with loopback allowed, %s: %s", (text, ok) => {
  expect(judgeUrl(text, { loopback: true }).ok).toBe(ok);
});

it.each([
  ["8.8.8.8", true],
  ["2606:4700::1", true],
  ["10.1.2.3", false],
  ["172.16.0.1", false],
  ["192.168.1.1", false],
  ["100.64.0.1", false],
  ["169.254.169.254", false],
  ["fd00:ec2::254", false],
  ["fe80::1", false],
  ["fe80::1%eth0", false],
  ["fec0::1", false],
  ["::127.0.0.1", false],
  ["::", false],
  ["0.0.0.0", false],
  ["::ffff:192.168.0.1", false],
  ["64:ff9b::a00:1", false],
  ["2002:a00:1::", false],
  ["224.0.0.1", false],
  ["255.255.255.255", false],
  ["not an address", false],
])("the service connects to %s: %s", (address, ok) => {
  expect(mayConnect(address, { loopback: false })).toBe(ok);
});
