// Stamps of receipt that only rise, whatever the clock does.

/**
 * The clock may be set back; a stamp never goes back, since readers ask for what came after one. It does not stand still
 * either: what has one stamp is judged again after a restart, and an hour of events would have one.
 */
export function risingStamp(fromMs: number): (nowMs: number) => number {
  let anchor = { stamp: fromMs, at: performance.now() };
  return (nowMs) => {
    const at = performance.now();
    const stamp = anchor.stamp + Math.floor(at - anchor.at);
    if (nowMs < stamp) return stamp;
    anchor = { stamp: nowMs, at };
    return nowMs;
  };
}
