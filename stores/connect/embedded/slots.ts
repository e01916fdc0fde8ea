// A few readers at a time, a short line behind them, and a clear no after that.

export type Slots = { take(): Promise<() => void>; waiting(): number };

/** `take` resolves with a function that gives the slot back; it rejects at once when `line` callers wait already. */
export function makeSlots(slots: number, line: number, refuse: () => Error): Slots {
  const waiters: (() => void)[] = [];
  let free = slots;
  const give = (): (() => void) => {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = waiters.shift();
      if (next === undefined) free += 1;
      else next();
    };
  };
  return {
    waiting: () => waiters.length,
    take() {
      if (free > 0) {
        free -= 1;
        return Promise.resolve(give());
      }
      if (waiters.length >= line) return Promise.reject(refuse());
      return new Promise((resolve) => waiters.push(() => resolve(give())));
    },
  };
}
