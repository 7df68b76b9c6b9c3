// Test only: a socket between wires, a clock and a browser that say what a test tells them to.
import type { ServerFrame } from "../protocol";
import type { Link } from "../store/state";
import { FakeClock, FakeWire } from "./fakes";
import { Socket } from "./socket";

export const at = {
  clock: new FakeClock(),
  wires: [] as FakeWire[],
  links: [] as Link[],
  frames: [] as ServerFrame[],
  /** What was shown at the door, attempt by attempt. */
  tickets: [] as (string | null)[],
  /** What happened, in order. */
  events: [] as string[],
  signedOut: 0,
  downs: 0,
  isOnline: true,
  random: 0.5,
  socket: undefined as unknown as Socket,
};

export const wire = (): FakeWire => at.wires.at(-1)!;
export const link = (): Link => at.links.at(-1)!;

/** Begin with a socket that was not started. */
export function install(): void {
  Object.assign(at, { clock: new FakeClock(), wires: [], links: [], frames: [], tickets: [], events: [] });
  Object.assign(at, { signedOut: 0, downs: 0, isOnline: true, random: 0.5 });
  at.socket = new Socket({
    connect: (ticket) => {
      at.tickets.push(ticket);
      at.wires.push(new FakeWire());
      return wire();
    },
    clock: at.clock,
    random: () => at.random,
    isOnline: () => at.isOnline,
    onLink: (now) => at.links.push(now),
    onHello: () =>
      at.socket.ask(
        "resume",
        { epoch: null, rooms: { "12": 346 } },
        {
          resolve: () => {
            at.events.push("resumed");
            at.socket.ready();
          },
          reject: () => at.events.push("not resumed"),
        },
      ),
    onFrames: (now) => {
      at.frames.push(...now);
      at.events.push(...now.map((frame) => frame.type));
    },
    onDown: () => at.downs++,
    onSignedOut: () => at.signedOut++,
  });
}

/** Connect, greet and resume. */
export function begin(): void {
  at.socket.start();
  wire().greets();
  wire().accepts("resume", { rooms: [] });
}
