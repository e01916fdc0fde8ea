// Loaded into a service under test (`node --import`): each SIGUSR2 steps its clock, back and forth, as a bad time server would.
const STEPS_MS = [600_000, -600_000, 30_000, 0, -3_600_000, 3_600_000, 0];
const Real = globalThis.Date;
let step = -1;
const offset = () => (step < 0 ? 0 : (STEPS_MS[step % STEPS_MS.length] ?? 0));

class SteppedDate extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + offset());
    else super(...given);
  }
  static now() {
    return Real.now() + offset();
  }
}
globalThis.Date = SteppedDate;
process.on("SIGUSR2", () => {
  step += 1;
});
