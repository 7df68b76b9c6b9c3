// Time from outside, so that tests own it, and one timer for everything that waits.
export interface Clock {
  now(): number;
  /** Call once after `ms`; returns what `clear` takes. */
  set(run: () => void, ms: number): unknown;
  clear(handle: unknown): void;
}

let last = 0;
let lagMs = 0;

/** The clock of the wall, which sleeps with nobody; set back by hand or by the network, it stands instead. */
function steadyNow(): number {
  const now = Date.now() + lagMs;
  if (now < last) lagMs += last - now;
  last = Math.max(now, last);
  return last;
}

export const realClock: Clock = {
  now: steadyNow,
  set: (run, ms) => setTimeout(run, ms),
  clear: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};

/** Named deadlines on a single timer; setting a name again moves it. */
export class Deadlines {
  private readonly due = new Map<string, { at: number; run: () => void }>();
  private timer: unknown = null;

  constructor(private readonly clock: Clock) {}

  /** Run once after `ms`. */
  set(name: string, ms: number, run: () => void): void {
    this.due.set(name, { at: this.clock.now() + Math.max(0, ms), run });
    this.arm();
  }

  has(name: string): boolean {
    return this.due.has(name);
  }

  clear(name: string): void {
    if (this.due.delete(name)) this.arm();
  }

  clearAll(): void {
    this.due.clear();
    this.arm();
  }

  private arm(): void {
    if (this.timer !== null) this.clock.clear(this.timer);
    this.timer = null;
    const next = Math.min(...[...this.due.values()].map(({ at }) => at));
    if (next === Number.POSITIVE_INFINITY) return;
    this.timer = this.clock.set(() => this.fire(), Math.max(0, next - this.clock.now()));
  }

  private fire(): void {
    this.timer = null;
    const now = this.clock.now();
    for (const [name, { at, run }] of [...this.due]) {
      // A run before this one may have moved or cleared it.
      if (at > now || this.due.get(name)?.run !== run) continue;
      this.due.delete(name);
      run();
    }
    this.arm();
  }
}
