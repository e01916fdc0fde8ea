// How much may be told before the rest waits for a digest.

export type NoiseSetting = {
  /** Alerts that are told at once, per store, within seven days. Critical and high never wait. */
  alerts_a_week: number;
  /** Mails to one person within an hour. Critical never waits. */
  mails_an_hour: number;
};

export const USUAL_NOISE: NoiseSetting = { alerts_a_week: 3, mails_an_hour: 6 };

export const WEEK_MS = 7 * 86_400_000;
export const HOUR_MS = 3_600_000;
