// Distance between two places on the ground, and whether a speed is too great to be one traveller.
import { type Comparison, meets } from "./plan.ts";

/** Mean radius of the earth, metres. */
const RADIUS_M = 6_371_000;

/** Haversine distance of [latitude, longitude] in degrees, whole metres (Sinnott, Sky and Telescope 68, 1984). */
export function distanceM(a: readonly [number, number], b: readonly [number, number]): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const lat = Math.sin(radians(b[0] - a[0]) / 2) ** 2;
  const lon = Math.sin(radians(b[1] - a[1]) / 2) ** 2;
  const chord = lat + Math.cos(radians(a[0])) * Math.cos(radians(b[0])) * lon;
  return Math.round(2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord))));
}

/** metres × 3,600 against km/h × ms: no division, so no time at all is an endless speed. */
export function speedHolds(metres: number, ms: number, kmh: readonly Comparison[]): boolean {
  return meets(
    metres * 3600,
    kmh.map(({ compare, value }) => ({ compare, value: value * ms })),
  );
}
