// One socket at a time: greets, asks and is answered by ref, notices when it is dead, and comes back.
import { CLOSES, type Commands, LIMITS, type ServerFrame } from "../protocol";
import type { Link } from "../store/state";
import { waitAfter } from "./backoff";
import { type Clock, Deadlines } from "./clock";
import { ActionError, unreachable } from "./error";
import { parse, ticketIn } from "./frames";
import { type Answered, Replies } from "./replies";

const REPLY_MS = 15_000;
const GREETING_MS = 15_000;
const PONG_MS = 10_000;
const CHECK_MS = 5_000;
/** A connection that held this long was a good one: the next attempt is the first again. */
const SETTLED_MS = 10_000;
const HURRY_MS = 3_000;
const WAITING_MAX_COUNT = 200;
const LOST = 1006;
const RESTART = 1012;
const SIGNED_OUT = 4501;

/** The part of the browser's WebSocket that is used. */
export interface Wire {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface SocketOptions {
  /** Open a wire; a ticket of the connection before is shown at the door. */
  connect(ticket: string | null): Wire;
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
  private lostBy = LOST;
  private notBefore = 0;
  private heartbeatMs = 25_000;
  private byeMs: number | null = null;
  private isGreeted = false;
  private isReady = false;
  private isStopped = true;
  /** The browser has said that the network is gone, and nothing has spoken against it since. */
  private isDoubted = false;
  private ticket: string | null = null;
  private door: "closed" | "closed to a ticket" | "open" = "closed";
  private skipsTicket = false;
  private nextRef = 1;
  private readonly replies = new Replies();

  constructor(private readonly options: SocketOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.attempt = this.notBefore = 0;
    this.options.onLink({ kind: "connecting" });
    this.connect();
  }

  /** End for good; `start` begins again. */
  stop(): void {
    if (this.isStopped) return;
    this.end(1000);
    this.ticket = null;
  }

  /** Ask and get the result; waits for the connection at most as long as for the reply. */
  request<K extends keyof Commands>(type: K, fields: Commands[K]): Promise<unknown> {
    return new Promise((resolve, reject) => this.enqueue(type, fields, { resolve, reject }, this.isReady));
  }

  /** Ask before `ready`: only for `resume`. Answers in the order of the frames, which a promise would not. */
  ask<K extends keyof Commands>(type: K, fields: Commands[K], answered: Answered): void {
    this.enqueue(type, fields, answered, true);
  }

  /** Say something that gets no answer; false when there is no connection to say it on. */
  say<K extends keyof Commands>(type: K, fields: Commands[K]): boolean {
    if (this.isReady) this.wire?.send(JSON.stringify({ ...fields, type }));
    return this.isReady;
  }

  /** The resume is answered: let through what waited. */
  ready(): void {
    // A farewell may have come in the same breath.
    if (!this.isGreeted || this.byeMs !== null) return;
    this.isReady = true;
    for (const text of this.replies.takeUnsent()) this.wire?.send(text);
  }

  /** Give this connection up and make another one. */
  reconnect(): void {
    if (!this.isStopped && this.wire) this.lost(LOST);
  }

  /** The network or the person is back: do not wait any longer, and see whether the wire still lives. */
  wake(): void {
    if (this.isStopped) return;
    if (!this.wire) this.sooner();
    else if (this.isGreeted) this.ping(CHECK_MS);
    else if (this.byeMs === null && this.options.clock.now() - this.triedAt >= HURRY_MS) {
      // It was begun into a network that is gone.
      this.drop(3000);
      this.connectNow();
    }
  }

  /** Somebody wants something from the server: a wait that has lasted a while is cut short. */
  hurry(): void {
    if (this.isStopped || this.wire || this.options.clock.now() - this.triedAt < HURRY_MS) return;
    this.sooner();
  }

  /** The person says so: now, whatever anybody has asked for. */
  tryNow(): void {
    if (!this.isStopped && !this.wire) this.connectNow();
  }

  /** The browser says that the network is gone: tell it at once, and see whether the server says otherwise. */
  doubt(): void {
    if (this.isStopped) return;
    this.isDoubted = true;
    this.options.onLink({ kind: "offline" });
    if (this.isGreeted) this.ping(CHECK_MS);
  }

  private connectNow(): void {
    this.tellWaiting(this.options.clock.now());
    this.connect();
  }

  private connect(): void {
    const { clock } = this.options;
    this.deadlines.clear("connect");
    this.triedAt = clock.now();
    if (this.isDoubted && this.options.isOnline()) this.tellWaiting(this.triedAt);
    const generation = ++this.generation;
    const isMine = (): boolean => generation === this.generation;
    const ticket = this.skipsTicket ? null : this.ticket;
    this.door = ticket === null ? "closed" : "closed to a ticket";
    let wire: Wire;
    try {
      wire = this.options.connect(ticket);
    } catch {
      this.later(LOST);
      return;
    }
    this.wire = wire;
    wire.onopen = () => {
      if (isMine()) this.door = "open";
    };
    wire.onmessage = (event) => isMine() && this.hear(event.data);
    wire.onclose = (event) => isMine() && this.lost(event.code);
    this.deadlines.set("greeting", GREETING_MS, () => this.lost(LOST));
  }

  private hear(data: unknown): void {
    this.deadlines.clear("dead");
    const { generation } = this;
    const others: ServerFrame[] = [];
    const flush = (): void => {
      if (others.length > 0) this.options.onFrames(others.splice(0));
    };
    for (const frame of parse(data)) {
      if (frame.type === "reply") {
        // What came before the answer is known before the answer is.
        flush();
        this.replies.settle(frame);
      } else others.push(frame);
      if (frame.type === "hello") {
        flush();
        this.ticket = ticketIn(frame) ?? this.ticket;
        this.greeted(frame.heartbeat_s);
      } else if (frame.type === "bye") this.dismissed(frame.in_ms);
      else if (frame.type === "pong") this.believe();
      // What was heard may have ended the connection: the rest comes again on the next one.
      if (generation !== this.generation) return;
    }
    flush();
    if (this.isGreeted && generation === this.generation) this.beat();
  }

  private greeted(heartbeatS: number): void {
    this.deadlines.clear("greeting");
    this.door = "open";
    this.isGreeted = true;
    this.isDoubted = false;
    this.heartbeatMs = heartbeatS * 1_000;
    this.openedAt = this.options.clock.now();
    this.options.onHello();
  }

  private believe(): void {
    if (!this.isDoubted) return;
    this.isDoubted = false;
    this.options.onLink({ kind: this.isReady ? "online" : "connecting" });
  }

  private beat(): void {
    this.deadlines.set("beat", this.heartbeatMs, () => this.ping(PONG_MS));
  }

  private ping(answerMs: number): void {
    if (!this.wire || this.byeMs !== null) return;
    this.wire.send(JSON.stringify({ type: "ping", ref: this.nextRef++ }));
    if (!this.deadlines.has("dead")) this.deadlines.set("dead", answerMs, () => this.lost(LOST));
  }

  private lost(code: number): void {
    const held = this.openedAt > 0 && this.options.clock.now() - this.openedAt >= SETTLED_MS;
    // A door that does not know tickets stays shut for a browser that shows one; so does a network that is gone.
    this.skipsTicket = this.door === "closed to a ticket";
    if (held) this.attempt = 0;
    const row = CLOSES[code as keyof typeof CLOSES];
    if (code >= 4000 && row && !row.reconnect) {
      this.end(undefined);
      this.options.onLink({ kind: "stopped", code });
      if (code === SIGNED_OUT) this.options.onSignedOut();
      return;
    }
    this.drop(code === LOST ? 3000 : undefined);
    this.options.onDown();
    this.later(code);
  }

  private later(code: number): void {
    this.attempt += 1;
    const { waitMs, leastMs } = waitAfter(code, this.attempt, this.options.random(), this.byeMs);
    const now = this.options.clock.now();
    this.byeMs = null;
    this.lostBy = code;
    this.notBefore = now + leastMs;
    this.plan(now + waitMs);
  }

  private sooner(): void {
    if (this.options.clock.now() >= this.notBefore) this.connectNow();
    else this.plan(this.notBefore);
  }

  private plan(at: number): void {
    this.tellWaiting(at);
    this.deadlines.set("connect", at - this.options.clock.now(), () => this.connect());
  }

  private tellWaiting(retryAt: number): void {
    this.isDoubted = !this.options.isOnline();
    const { attempt, lostBy: code } = this;
    this.options.onLink(
      this.isDoubted ? { kind: "offline" } : { kind: "reconnecting", attempt, retryAt, code },
    );
  }

  private end(code: number | undefined): void {
    this.isStopped = true;
    this.isDoubted = false;
    this.drop(code);
    this.byeMs = null;
    this.options.onDown();
    this.replies.failAll();
    this.deadlines.clearAll();
  }

  private drop(code?: number): void {
    this.generation += 1;
    const { wire } = this;
    this.wire = null;
    this.isGreeted = this.isReady = false;
    this.openedAt = 0;
    for (const name of ["greeting", "beat", "dead", "bye"]) this.deadlines.clear(name);
    if (wire) {
      wire.onopen = wire.onmessage = wire.onclose = null;
      wire.close(code);
    }
    this.replies.failSent();
  }

  private dismissed(inMs: number): void {
    this.byeMs = inMs;
    // What comes now waits for the next connection: this one takes nothing any more.
    this.isReady = false;
    // The close follows at once; a server that dies before it must not keep us, whatever else it said.
    this.deadlines.set("bye", PONG_MS, () => this.lost(RESTART));
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
