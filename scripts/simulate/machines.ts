// What tills report about themselves: a heartbeat, their connections, new files on an update night.
import { contentId } from "../../core/ids.ts";
import type { Random } from "./random.ts";
import type { Place } from "./recorder.ts";
import { type StoreState, say, type Till, type World } from "./world.ts";

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** The till as a machine: nobody's shift, nobody's ticket. */
function machinePlace(till: Till): Place {
  return { store: till.store, terminal_id: till.terminal_id };
}

/** The minor version goes up with each update night, which comes once a week. */
function softwareVersion(world: World, day: number): string {
  const [major, minor] = world.shop.softwareVersion.split(".");
  return `${major}.${minor}.${Math.floor(day / 7) % 100}`;
}

type Watch = { random: Random; day: number; to: number };

function planHeartbeats(world: World, till: Till, watch: Watch & { from: number }): void {
  const software_version = softwareVersion(world, watch.day);
  const serial_hash = contentId("serial", till.terminal_id);
  const beat = (ts: number) => {
    if (ts >= watch.to) return;
    say(world, { place: machinePlace(till), ts }, "terminal_heartbeat", {
      interval_ms: world.heartbeatMs,
      software_version,
      fix_overdue_ms: 0,
      abs_clock_skew_ms: Math.floor(watch.random.exponential(180)),
      serial_ok: true,
      firmware_ok: true,
      antivirus_on: true,
      serial_hash,
    });
    world.agenda.plan(ts + world.heartbeatMs + watch.random.int(-400, 400), beat);
  };
  world.agenda.plan(watch.from + watch.random.int(0, Math.min(world.heartbeatMs, 20_000)), beat);
}

function planConnections(world: World, till: Till, watch: Watch & { from: number }): void {
  const connect = (ts: number) => {
    if (ts >= watch.to) return;
    const host = watch.random.pick(world.shop.allowedHosts);
    const place = machinePlace(till);
    say(world, { place, ts }, "tls_handshake", {
      dest_host: host.dest_host,
      is_clear_text: false,
      tls_version: watch.random.chance(0.8) ? 13 : 12,
      cipher_ok: true,
      cert_sha256: contentId("cert", host.dest_host),
      cert_ok: true,
      cert_expires_ts: Math.floor(ts / YEAR_MS + 1) * YEAR_MS,
      pin_ok: true,
    });
    say(world, { place, ts: ts + 40 }, "connection", {
      dest_host: host.dest_host,
      dest_ip: host.dest_ip,
      dest_port: 443,
      bytes_out: watch.random.int(800, 24_000),
    });
    world.agenda.plan(ts + Math.ceil(watch.random.exponential(0.7 * HOUR_MS)) + 60_000, connect);
  };
  world.agenda.plan(watch.from + watch.random.int(1_000, 120_000), connect);
}

const RELEASE_FILES = ["/opt/till/till.js", "/opt/till/reader.so", "/opt/till/version.json"];

/** A release changes files while the shop is closed; its hashes are the same on every till. */
export function updateTills(world: World, state: StoreState, ts: number, day: number): void {
  for (const [n, till] of state.tills.entries()) {
    for (const [k, path] of RELEASE_FILES.entries()) {
      say(world, { place: machinePlace(till), ts: ts + n * 45_000 + k * 900 }, "file_changed", {
        path,
        old_hash: contentId(path, softwareVersion(world, day - 7)),
        new_hash: contentId(path, softwareVersion(world, day)),
        in_release: true,
      });
    }
  }
}

/** Lets every till of the shop report between `from` and `to`. */
export function planMachines(
  world: World,
  state: StoreState,
  span: { day: number; from: number; to: number },
): void {
  for (const till of state.tills) {
    const random = state.random.fork(`${till.terminal_id}/${span.day}`);
    planHeartbeats(world, till, { random, ...span });
    planConnections(world, till, { random, ...span });
  }
}
