// Test only: the outside of net/ in the hand of a test. A clock that moves when told, a wire that says what it is told.
import type { Me, ServerFrame } from "../protocol";
import type { Clock } from "./clock";
import type { Wire } from "./socket";

export class FakeClock implements Clock {
  private time = 1_000_000;
  private next = 1;
  private readonly timers = new Map<number, { at: number; run: () => void }>();

  now(): number {
    return this.time;
  }

  set(run: () => void, ms: number): number {
    this.timers.set(this.next, { at: this.time + ms, run });
    return this.next++;
  }

  clear(handle: unknown): void {
    this.timers.delete(handle as number);
  }

  get armed(): number {
    return this.timers.size;
  }

  /** Let time pass, with everything that is due in between and what follows from it. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (;;) {
      const due = [...this.timers]
        .filter(([, timer]) => timer.at <= end)
        .sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].run();
      await settled();
    }
    this.time = end;
  }

  /** Somebody sets the clock back; what waits, waits as long as it would have. */
  setBack(ms: number): void {
    this.time -= ms;
    for (const timer of this.timers.values()) timer.at -= ms;
  }

  /** Let time pass for what needs no promise: at once. */
  leap(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.timers]
        .filter(([, timer]) => timer.at <= end)
        .sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].run();
    }
    this.time = end;
  }
}

/** Everything that promises have started has run, IndexedDB's own turns included. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export interface Sent {
  type: string;
  ref?: number;
  [field: string]: unknown;
}

export class FakeWire implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Sent[] = [];
  closedWith: number | null | undefined = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  get isClosed(): boolean {
    return this.closedWith !== null;
  }

  says(...frames: (ServerFrame | Record<string, unknown>)[]): void {
    this.onmessage?.({ data: JSON.stringify(frames.length === 1 ? frames[0] : frames) });
  }

  saysText(data: unknown): void {
    this.onmessage?.({ data });
  }

  breaks(code = 1006): void {
    this.onclose?.({ code });
  }

  greets(heartbeatS = 25): void {
    this.says({
      type: "hello",
      connection: "c",
      epoch: "e",
      heartbeat_s: heartbeatS,
      server_time: "2026-01-01T00:00:00.000Z",
      user: ME,
      limits: {},
    });
  }

  last(type: string): Sent {
    const found = this.sent.findLast((frame) => frame.type === type);
    if (!found)
      throw new Error(`no ${type} was sent; sent: ${this.sent.map((frame) => frame.type).join(", ")}`);
    return found;
  }

  /** Answer the newest frame of a type. */
  accepts(type: string, result: Record<string, unknown> = {}): void {
    this.says({ type: "reply", ref: this.last(type).ref, ok: true, result });
  }

  refuses(type: string, code: string, retry: boolean, afterMs?: number): void {
    const error = { code, detail: "", retry, ...(afterMs === undefined ? {} : { after_ms: afterMs }) };
    this.says({ type: "reply", ref: this.last(type).ref, ok: false, error });
  }
}

export const ME: Me = {
  id: 1,
  handle: "alice",
  name: "Alice",
  avatar: null,
  is_bot: false,
  status: "online",
  doing: null,
  role: "owner",
  email: "",
  language: "en",
  time_zone: "UTC",
  hides_reading: false,
};
