// The law of the connection: whatever the browser, the network and the server do, one tab has one socket and one
// timer, an older socket is not heard, and once all is well again there is a connection.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ServerFrame } from "../protocol";
import type { Link } from "../store/state";
import { FakeClock, FakeWire } from "./fakes";
import { Socket } from "./socket";

const FINAL = [4500, 4501, 4502, 4503];
const deed = fc.oneof(
  fc.constantFrom("start", "stop", "wake", "doubt", "hurry", "try", "reconnect").map((kind) => ({ kind })),
  fc.constantFrom("greet", "resume", "synced", "nonsense", "no network", "network").map((kind) => ({ kind })),
  fc.record({ kind: fc.constant("bye"), ms: fc.nat({ max: 30_000 }) }),
  fc.record({
    kind: fc.constant("close"),
    code: fc.constantFrom(1000, 1006, 1009, 1012, 4100, 4101, 4200, 4202, ...FINAL),
  }),
  fc.record({ kind: fc.constant("old"), at: fc.nat(), code: fc.constantFrom(1006, 4501) }),
  fc.record({ kind: fc.constant("pass"), ms: fc.oneof(fc.nat({ max: 600 }), fc.nat({ max: 60_000 })) }),
  fc.record({ kind: fc.constant("ask"), isSaid: fc.boolean() }),
  fc.record({ kind: fc.constant("door"), isBroken: fc.boolean() }),
);
type Deed = { kind: string; ms?: number; code?: number; at?: number; isBroken?: boolean; isSaid?: boolean };

/** A wire that goes on talking to whoever listened first, as a browser's may for a while. */
class LastingWire extends FakeWire {
  hadMessage: FakeWire["onmessage"] = null;
  hadClose: FakeWire["onclose"] = null;
  hadOpen: FakeWire["onopen"] = null;
  isBroken = false;

  get isOpen(): boolean {
    return !this.isClosed && !this.isBroken;
  }

  keep(): void {
    this.hadMessage = this.onmessage;
    this.hadClose = this.onclose;
    this.hadOpen = this.onopen;
  }

  override breaks(code = 1006): void {
    this.isBroken = true;
    super.breaks(code);
  }
}

class World {
  readonly clock = new FakeClock();
  readonly wires: LastingWire[] = [];
  readonly heard: ServerFrame[] = [];
  links: Link[] = [];
  isOnline = true;
  isDoorBroken = false;
  isFinal = false;
  openMax = 0;
  readonly socket: Socket;

  constructor(chance: fc.Stream<number>) {
    this.socket = new Socket({
      connect: () => {
        if (this.isDoorBroken) throw new Error("no door");
        this.wires.push(new LastingWire());
        this.openMax = Math.max(this.openMax, this.openCount);
        return this.wires.at(-1)!;
      },
      clock: this.clock,
      random: () => chance.next().value,
      isOnline: () => this.isOnline,
      onLink: (link) => this.links.push(link),
      onHello: () =>
        this.socket.ask(
          "resume",
          { epoch: null, rooms: {} },
          { resolve: () => this.socket.ready(), reject: () => this.socket.reconnect() },
        ),
      onFrames: (frames) => this.heard.push(...frames),
      onDown: () => undefined,
      onSignedOut: () => undefined,
    });
  }

  get openCount(): number {
    return this.wires.filter((wire) => wire.isOpen).length;
  }

  get wire(): LastingWire | undefined {
    return this.wires.findLast((wire) => wire.isOpen);
  }

  does(now: Deed): void {
    const { socket, wire } = this;
    wire?.keep();
    if (now.kind === "start") {
      this.isFinal = false;
      socket.start();
    } else if (now.kind === "stop") socket.stop();
    else if (now.kind === "wake") socket.wake();
    else if (now.kind === "doubt") socket.doubt();
    else if (now.kind === "hurry") socket.hurry();
    else if (now.kind === "try") socket.tryNow();
    else if (now.kind === "reconnect") socket.reconnect();
    else if (now.kind === "network" || now.kind === "no network") this.isOnline = now.kind === "network";
    else if (now.kind === "door") this.isDoorBroken = now.isBroken!;
    else if (now.kind === "pass") this.clock.leap(now.ms!);
    else if (now.kind === "ask")
      void (now.isSaid
        ? socket.say("typing.start", { room: 1 })
        : socket.request("read.mark", { room: 1, msg_no: 1 }).catch(() => undefined));
    else if (now.kind === "old") this.speaksOfOld(now);
    else if (wire) this.says(wire, now);
  }

  says(wire: LastingWire, now: Deed): void {
    if (now.kind === "greet") wire.greets(20);
    else if (now.kind === "resume" && wire.sent.some(({ type }) => type === "resume")) wire.accepts("resume");
    else if (now.kind === "synced") wire.says({ type: "synced" }, { type: "pong", ref: 1 });
    else if (now.kind === "nonsense") wire.saysText("{");
    else if (now.kind === "bye") wire.says({ type: "bye", in_ms: now.ms! });
    else if (now.kind === "close") {
      if (FINAL.includes(now.code!)) this.isFinal = true;
      wire.breaks(now.code);
    }
  }

  /** Somebody whose time is over speaks: no word of it may be heard. */
  speaksOfOld({ at, code }: Deed): void {
    const old = this.wires.filter((wire) => !wire.isOpen);
    const wire = old[at! % Math.max(1, old.length)];
    if (!wire) return;
    const before = [this.heard.length, this.links.length, this.wires.length, this.wire];
    wire.hadOpen?.();
    wire.hadMessage?.({ data: '[{"type":"bye","in_ms":1},{"type":"synced"}]' });
    wire.hadClose?.({ code: code! });
    expect([this.heard.length, this.links.length, this.wires.length, this.wire]).toEqual(before);
  }
}

it("has never two sockets nor two timers, hears no old one, and comes back", () => {
  fc.assert(
    fc.property(
      fc.array(deed, { maxLength: 60 }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (deeds, chance) => {
        const world = new World(chance);
        world.socket.start();
        for (const now of deeds) {
          world.does(now);
          expect([world.openMax <= 1, world.openCount <= 1, world.clock.armed <= 1]).toEqual([
            true,
            true,
            true,
          ]);
          if (world.isFinal || now.kind === "stop")
            expect([world.openCount, world.clock.armed]).toEqual([0, 0]);
        }
        [world.isOnline, world.isDoorBroken] = [true, false];
        // A socket that was ended stays ended until somebody starts it; every other one comes back by itself.
        if (world.isFinal || world.links.length === 0 || world.clock.armed === 0) world.socket.start();
        // The longest farewell, the longest wait, and the time after which a silent wire is given up.
        for (let second = 0; second < 120; second++) {
          world.clock.leap(1_000);
          const wire = world.wire;
          if (!wire) continue;
          if (!wire.sent.some(({ type }) => type === "resume")) wire.greets();
          if (wire.sent.some(({ type }) => type === "resume")) wire.accepts("resume");
          wire.says({ type: "pong", ref: 1 });
        }
        expect([world.openCount, world.clock.armed]).toEqual([1, 1]);
        expect(world.socket.say("typing.start", { room: 1 })).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});

it("tries a dead address a bounded number of times, whatever the chance", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0.2, max: 0.999, noNaN: true })), (chance) => {
      const world = new World(chance);
      world.socket.start();
      for (let second = 0; second < 600; second++) {
        world.wire?.breaks();
        world.clock.leap(1_000);
      }
      // Ten minutes at a fifth of the longest wait.
      expect(world.wires.length).toBeLessThan(160);
    }),
    { numRuns: 50 },
  );
});
