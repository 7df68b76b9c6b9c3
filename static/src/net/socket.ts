// One socket at a time: greets, asks and is answered by ref, notices when it is dead, and comes back.
import { CLOSES, type Commands, LIMITS, type ServerFrame } from "../protocol";
import type { Link } from "../store/state";
import { backoffMs, PATIENT_MS } from "./backoff";
import { type Clock, Deadlines } from "./clock";
import { ActionError, unreachable } from "./error";
import { type Answered, Replies } from "./replies";

const REPLY_MS = 15_000;
const GREETING_MS = 15_000;
const PONG_MS = 10_000;
const CHECK_MS = 5_000;
/** A connection that held this long was a good one: the next attempt is the first again. */
const SETTLED_MS = 10_000;
const HURRY_MS = 3_000;
const WAITING_MAX_COUNT = 200;
const SIGNED_OUT = 4501;
/** These ask for more patience than a lost network does. */
const PATIENT_CODES = new Set([1002, 1007, 1009, 4200, 4201, 4202]);

/** The part of the browser's WebSocket that is used. */
export interface Wire {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface SocketOptions {
  connect(): Wire;
  clock: Clock;
  random(): number;
  /** What the browser says about the network; it may be wrong in both directions. */
  isOnline(): boolean;
  onLink(link: Link): void;
  /** The server has greeted: resume now, with `ask`; `ready` lets everything else through. */
  onHello(): void;
  onFrames(frames: ServerFrame[]): void;
  onDown(): void;
  onSignedOut(): void;
}

export class Socket {
  private readonly deadlines: Deadlines;
  private wire: Wire | null = null;
  /** Counts the attempts ever made; what an older wire still says is not heard. */
  private generation = 0;
  private attempt = 0;
  private triedAt = 0;
  private openedAt = 0;
  private heartbeatMs = 25_000;
  private byeMs: number | null = null;
  private isReady = false;
  private isStopped = true;
  private nextRef = 1;
  private readonly replies = new Replies();

  constructor(private readonly options: SocketOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.options.onLink({ kind: "connecting" });
    this.connect();
  }

  /** End for good; `start` begins again. */
  stop(): void {
    this.isStopped = true;
    this.drop(1000);
    this.deadlines.clearAll();
  }

  /** Ask and get the result; waits for the connection at most as long as for the reply. */
  request<K extends keyof Commands>(type: K, fields: Commands[K]): Promise<unknown> {
    return new Promise((resolve, reject) => this.enqueue(type, fields, { resolve, reject }, this.isReady));
  }

  /** Ask before `ready`: only for `resume`. Answers in the order of the frames, which a promise would not. */
  ask<K extends keyof Commands>(type: K, fields: Commands[K], answered: Answered): void {
    this.enqueue(type, fields, answered, true);
  }

  /** Say something that gets no answer; lost when there is no connection. */
  say<K extends keyof Commands>(type: K, fields: Commands[K]): void {
    if (this.isReady) this.wire?.send(JSON.stringify({ ...fields, type }));
  }

  /** The resume is answered: let through what waited. */
  ready(): void {
    this.isReady = true;
    for (const text of this.replies.takeUnsent()) this.wire?.send(text);
  }

  /** Give this connection up and make another one. */
  reconnect(): void {
    if (!this.isStopped && this.wire) this.lost(1006);
  }

  /** The network or the person is back: do not wait any longer, and see whether the wire still lives. */
  wake(): void {
    if (this.isStopped) return;
    if (!this.wire) this.connect();
    else if (this.isReady) this.ping(CHECK_MS);
  }

  /** Somebody wants something from the server: a wait that has lasted a while is cut short. */
  hurry(): void {
    if (this.isStopped || this.wire || this.options.clock.now() - this.triedAt < HURRY_MS) return;
    this.connect();
  }

  /** The browser says that the network is gone: believe it when the server says nothing either. */
  doubt(): void {
    if (this.isStopped) return;
    if (this.wire) this.ping(CHECK_MS);
    else this.options.onLink({ kind: "offline" });
  }

  private connect(): void {
    this.deadlines.clear("connect");
    this.triedAt = this.options.clock.now();
    const generation = ++this.generation;
    const isMine = (): boolean => generation === this.generation;
    let wire: Wire;
    try {
      wire = this.options.connect();
    } catch {
      this.later(1006);
      return;
    }
    this.wire = wire;
    wire.onmessage = (event) => isMine() && this.hear(event.data);
    wire.onclose = (event) => isMine() && this.lost(event.code);
    this.deadlines.set("greeting", GREETING_MS, () => this.lost(1006));
  }

  private hear(data: unknown): void {
    this.deadlines.clear("dead");
    const frames = parse(data);
    const others: ServerFrame[] = [];
    const flush = (): void => {
      if (others.length > 0) this.options.onFrames(others.splice(0));
    };
    for (const frame of frames) {
      if (frame.type === "reply") {
        // What came before the answer is known before the answer is.
        flush();
        this.replies.settle(frame);
      } else others.push(frame);
      if (frame.type === "hello") {
        flush();
        this.greeted(frame.heartbeat_s);
      } else if (frame.type === "bye") this.dismissed(frame.in_ms);
    }
    flush();
    if (this.isReady) this.beat();
  }

  private greeted(heartbeatS: number): void {
    this.deadlines.clear("greeting");
    this.heartbeatMs = heartbeatS * 1_000;
    this.openedAt = this.options.clock.now();
    this.beat();
    this.options.onHello();
  }

  private beat(): void {
    this.deadlines.set("beat", this.heartbeatMs, () => this.ping(PONG_MS));
  }

  private ping(answerMs: number): void {
    if (!this.wire) return;
    this.wire.send(JSON.stringify({ type: "ping", ref: this.nextRef++ }));
    if (!this.deadlines.has("dead")) this.deadlines.set("dead", answerMs, () => this.lost(1006));
  }

  private lost(code: number): void {
    const held = this.openedAt > 0 && this.options.clock.now() - this.openedAt >= SETTLED_MS;
    this.drop(code === 1006 ? 3000 : undefined);
    if (held) this.attempt = 0;
    this.options.onDown();
    const row = CLOSES[code as keyof typeof CLOSES];
    if (code >= 4000 && row && !row.reconnect) {
      this.isStopped = true;
      this.deadlines.clearAll();
      this.options.onLink({ kind: "stopped", code });
      if (code === SIGNED_OUT) this.options.onSignedOut();
      return;
    }
    this.later(code);
  }

  private later(code: number): void {
    this.attempt += 1;
    const { clock, random } = this.options;
    const waitMs = this.byeMs ?? backoffMs(this.attempt, random(), PATIENT_CODES.has(code) ? PATIENT_MS : 0);
    this.byeMs = null;
    this.options.onLink(
      this.options.isOnline()
        ? { kind: "reconnecting", attempt: this.attempt, retryAt: clock.now() + waitMs }
        : { kind: "offline" },
    );
    this.deadlines.set("connect", waitMs, () => this.connect());
  }

  private drop(code?: number): void {
    this.generation += 1;
    const { wire } = this;
    this.wire = null;
    this.isReady = false;
    this.openedAt = 0;
    for (const name of ["greeting", "beat", "dead"]) this.deadlines.clear(name);
    if (wire) {
      wire.onmessage = wire.onclose = null;
      wire.close(code);
    }
    this.replies.failSent();
  }

  private dismissed(inMs: number): void {
    this.byeMs = inMs;
    // What comes now waits for the next connection: this one takes nothing any more.
    this.isReady = false;
    // The close follows at once; a server that dies before it must not keep us.
    this.deadlines.set("dead", PONG_MS, () => this.lost(1012));
  }

  private enqueue(type: string, fields: object, answered: Answered, isNow: boolean): void {
    if (this.isStopped || this.replies.count >= WAITING_MAX_COUNT) {
      answered.reject(unreachable());
      return;
    }
    const ref = this.nextRef++;
    const text = JSON.stringify({ ...fields, type, ref });
    const size = new TextEncoder().encode(text).length;
    if (size > LIMITS.FRAME_MAX_BYTES) {
      const detail = `frame is ${size} bytes, at most ${LIMITS.FRAME_MAX_BYTES}`;
      answered.reject(new ActionError("too_long", detail, false));
      return;
    }
    const isSent = isNow && this.wire !== null;
    this.replies.expect(ref, answered, this.options.clock.now() + REPLY_MS, isSent ? null : text);
    if (isSent) this.wire!.send(text);
    if (!this.deadlines.has("reply")) this.deadlines.set("reply", REPLY_MS, () => this.giveUp());
  }

  private giveUp(): void {
    const now = this.options.clock.now();
    const sentCount = this.replies.failExpired(now);
    const next = this.replies.nextUntil;
    if (next !== null) this.deadlines.set("reply", next - now, () => this.giveUp());
    // An answer that does not come is a reason to ask whether anybody is there.
    if (this.wire && sentCount > 0) this.ping(CHECK_MS);
  }
}

function parse(data: unknown): ServerFrame[] {
  if (typeof data !== "string") return [];
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return [];
  }
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.filter(
    (item): item is ServerFrame =>
      typeof item === "object" && item !== null && "type" in item && typeof item.type === "string",
  );
}
