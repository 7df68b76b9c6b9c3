import { beforeEach, describe, expect, it } from "vitest";
import type { ServerFrame } from "../protocol";
import type { Link } from "../store/state";
import type { ActionError } from "./error";
import { FakeClock, FakeWire, settled } from "./fakes";
import { Socket } from "./socket";

let clock: FakeClock;
let wires: FakeWire[];
let links: Link[];
let frames: ServerFrame[];
let signedOut: number;
let downs: number;
let isOnline: boolean;
let random: number;
let socket: Socket;
/** What happened, in order. */
let events: string[];

const wire = (): FakeWire => wires.at(-1)!;
const link = (): Link => links.at(-1)!;

const begin = (): void => {
  socket.start();
  wire().greets();
  wire().accepts("resume", { rooms: [] });
};

beforeEach(() => {
  clock = new FakeClock();
  [wires, links, frames, events] = [[], [], [], []];
  [signedOut, downs, isOnline, random] = [0, 0, true, 0.5];
  socket = new Socket({
    connect: () => {
      wires.push(new FakeWire());
      return wire();
    },
    clock,
    random: () => random,
    isOnline: () => isOnline,
    onLink: (now) => links.push(now),
    onHello: () =>
      socket.ask(
        "resume",
        { epoch: null, rooms: { "12": 346 } },
        { resolve: () => [events.push("resumed"), socket.ready()], reject: () => events.push("not resumed") },
      ),
    onFrames: (now) => {
      frames.push(...now);
      events.push(...now.map((frame) => frame.type));
    },
    onDown: () => downs++,
    onSignedOut: () => signedOut++,
  });
});

describe("greeting", () => {
  it("sends nothing before the server has greeted, then resumes with its cursors", () => {
    socket.start();
    void socket.request("read.mark", { room: 12, msg_no: 1 });
    expect(wire().sent).toEqual([]);
    wire().greets();
    expect(wire().sent).toEqual([
      { type: "resume", ref: expect.any(Number), epoch: null, rooms: { "12": 346 } },
    ]);
  });

  it("lets what waited through once it is resumed, in order", () => {
    socket.start();
    void socket.request("read.mark", { room: 12, msg_no: 1 });
    void socket.request("read.mark", { room: 12, msg_no: 2 });
    wire().greets();
    wire().accepts("resume");
    expect(wire().sent.map((frame) => frame.msg_no)).toEqual([undefined, 1, 2]);
  });

  it("hands the answer to resume over before the changes behind it in the same frame", () => {
    socket.start();
    wire().greets();
    const reply = { type: "reply", ref: wire().last("resume").ref, ok: true, result: {} };
    wire().says(reply, { type: "synced" }, { type: "presence", user: 2, status: "online" });
    expect(events).toEqual(["hello", "resumed", "synced", "presence"]);
  });

  it("gives up a connection that does not greet", async () => {
    socket.start();
    await clock.pass(15_000);
    expect(wire().isClosed).toBe(true);
    expect(link().kind).toBe("reconnecting");
  });
});

describe("replies", () => {
  it("resolves by ref, whatever the order", async () => {
    begin();
    const first = socket.request("read.mark", { room: 12, msg_no: 1 });
    const second = socket.request("read.mark", { room: 12, msg_no: 2 });
    const [, one, two] = wire().sent;
    wire().says({ type: "reply", ref: two!.ref, ok: true, result: { msg_no: 2 } });
    wire().says({ type: "reply", ref: one!.ref, ok: true, result: { msg_no: 1 } });
    expect(await first).toEqual({ msg_no: 1 });
    expect(await second).toEqual({ msg_no: 2 });
  });

  it("rejects with code, detail, retry and the wait of the error", async () => {
    begin();
    const asked = socket.request("message.edit", { message: 1, body: "x" });
    wire().refuses("message.edit", "rate_limited", true, 800);
    const error = (await asked.catch((reason: ActionError) => reason)) as ActionError;
    expect([error.code, error.retry, error.afterMs]).toEqual(["rate_limited", true, 800]);
  });

  it("gives up waiting after its time, and then asks whether anybody is there", async () => {
    begin();
    const asked = socket
      .request("read.mark", { room: 12, msg_no: 1 })
      .catch((reason: ActionError) => reason.code);
    await clock.pass(15_000);
    expect(await asked).toBe("network");
    expect(wire().last("ping").ref).toBeDefined();
  });

  it("rejects what was sent when the connection breaks", async () => {
    begin();
    const asked = socket
      .request("read.mark", { room: 12, msg_no: 1 })
      .catch((reason: ActionError) => reason.code);
    wire().breaks();
    expect(await asked).toBe("network");
    expect(downs).toBe(1);
  });

  it("keeps what was not sent for the next connection", async () => {
    begin();
    wire().breaks();
    const asked = socket.request("read.mark", { room: 12, msg_no: 9 });
    await clock.pass(1_000);
    wire().greets();
    wire().accepts("resume");
    wire().accepts("read.mark", { msg_no: 9 });
    expect(await asked).toEqual({ msg_no: 9 });
  });

  it("refuses a frame that the server would close the connection for", async () => {
    begin();
    const asked = socket.request("message.edit", { message: 1, body: "가".repeat(30_000) });
    expect(await asked.catch((reason: ActionError) => reason.code)).toBe("too_long");
    expect(wire().sent.some((frame) => frame.type === "message.edit")).toBe(false);
  });
});

describe("heartbeat", () => {
  it("pings after heartbeat_s of silence and is content with any answer", async () => {
    begin();
    await clock.pass(25_000);
    expect(wire().last("ping").ref).toBeDefined();
    wire().says({ type: "pong", ref: 1 });
    await clock.pass(20_000);
    expect(wire().isClosed).toBe(false);
  });

  it("takes a wire that answers nothing for dead, and comes back", async () => {
    begin();
    await clock.pass(35_000);
    expect(wires[0]!.isClosed).toBe(true);
    expect(link().kind).toBe("reconnecting");
    await clock.pass(1_000);
    expect(wires).toHaveLength(2);
  });

  it("does not ping while the server talks anyway", async () => {
    begin();
    for (let turn = 0; turn < 10; turn++) {
      await clock.pass(20_000);
      wire().says({ type: "presence", user: 2, status: "online" });
    }
    expect(wire().sent.some((frame) => frame.type === "ping")).toBe(false);
  });
});

describe("coming back", () => {
  it("waits longer each time, up to a bound, spread over the whole interval", async () => {
    socket.start();
    const waits: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      const from = clock.now();
      wire().breaks();
      const now = link();
      if (now.kind !== "reconnecting") throw new Error(now.kind);
      waits.push(now.retryAt - from);
      await clock.pass(now.retryAt - from);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    random = 0;
    wire().breaks();
    expect((link() as { retryAt: number }).retryAt).toBe(clock.now());
  });

  it("begins with short waits again after a connection that held, and only then", async () => {
    begin();
    wire().breaks();
    await clock.pass(500);
    wire().greets();
    wire().accepts("resume");
    wire().breaks();
    expect(link()).toMatchObject({ attempt: 2 });
    await clock.pass(1_000);
    wire().greets();
    wire().accepts("resume");
    await clock.pass(10_000);
    wire().breaks();
    expect(link()).toMatchObject({ attempt: 1 });
  });

  it("comes back after the time that a bye names", async () => {
    begin();
    wire().says({ type: "bye", in_ms: 1_700 });
    wire().breaks(1012);
    expect(link()).toMatchObject({ kind: "reconnecting", retryAt: clock.now() + 1_700 });
    await clock.pass(1_699);
    expect(wires).toHaveLength(1);
    await clock.pass(1);
    expect(wires).toHaveLength(2);
  });

  it("does not wait for a server that said bye and then died", async () => {
    begin();
    wire().says({ type: "bye", in_ms: 100 });
    await clock.pass(10_100);
    expect(wires).toHaveLength(2);
  });

  it.each([4200, 4201, 4202, 1009])("is more patient after %i", (code) => {
    begin();
    wire().breaks(code);
    expect(link()).toMatchObject({ retryAt: clock.now() + 5_500 });
  });

  it.each([1000, 1001, 1006, 1011, 1012, 4100, 4101])("comes back after %i", async (code) => {
    begin();
    wire().breaks(code);
    await clock.pass(1_000);
    expect(wires).toHaveLength(2);
  });

  it.each([4500, 4502, 4503])("does not come back after %i", async (code) => {
    begin();
    wire().breaks(code);
    await clock.pass(3_600_000);
    expect(wires).toHaveLength(1);
    expect(link()).toEqual({ kind: "stopped", code });
    expect([signedOut, clock.armed]).toEqual([0, 0]);
  });

  it("goes to the sign-in page after 4501", () => {
    socket.start();
    wire().breaks(4501);
    expect([signedOut, link()]).toEqual([1, { kind: "stopped", code: 4501 }]);
  });

  it("does not hear an older wire any more", async () => {
    begin();
    const old = wire();
    const [message, close] = [old.onmessage!, old.onclose!];
    socket.reconnect();
    await clock.pass(500);
    wire().greets();
    frames = [];
    message({ data: '{"type":"synced"}' });
    close({ code: 4501 });
    expect([frames, signedOut]).toEqual([[], 0]);
  });
});

describe("what the browser says about the network", () => {
  it("is told on the state line, and the wait goes on", async () => {
    begin();
    isOnline = false;
    wire().breaks();
    expect(link()).toEqual({ kind: "offline" });
    await clock.pass(1_000);
    expect(wires).toHaveLength(2);
  });

  it("ends the wait when it is back", () => {
    begin();
    for (let turn = 0; turn < 3; turn++) wire().breaks();
    socket.wake();
    expect(wires).toHaveLength(2);
  });

  it("is tried again when somebody wants something, but not at every key", async () => {
    begin();
    for (let turn = 0; turn < 4; turn++) {
      wire().breaks();
      if (turn < 3) await clock.pass((link() as { retryAt: number }).retryAt - clock.now());
    }
    const count = wires.length;
    await clock.pass(2_999);
    socket.hurry();
    expect(wires).toHaveLength(count);
    await clock.pass(1);
    socket.hurry();
    socket.hurry();
    expect(wires).toHaveLength(count + 1);
  });

  it("is checked when the person comes back: a wire that died asleep is noticed in seconds", async () => {
    begin();
    socket.wake();
    expect(wire().last("ping").ref).toBeDefined();
    await clock.pass(5_000);
    expect(wires[0]!.isClosed).toBe(true);
  });

  it("is not believed while the server answers", async () => {
    begin();
    socket.doubt();
    wire().says({ type: "pong", ref: 1 });
    await clock.pass(10_000);
    expect(wires).toHaveLength(1);
  });
});

describe("whatever the server says", () => {
  it.each(["", "{", "null", "7", "[null,1,{}]", '{"type":5}', new ArrayBuffer(2)])("survives %j", (data) => {
    begin();
    wire().saysText(data);
    wire().says({ type: "synced" });
    expect(frames.at(-1)).toEqual({ type: "synced" });
  });

  it("uses one timer", async () => {
    begin();
    void socket.request("read.mark", { room: 12, msg_no: 1 }).catch(() => undefined);
    socket.wake();
    expect(clock.armed).toBe(1);
    socket.stop();
    await settled();
    expect([clock.armed, wire().closedWith]).toEqual([0, 1000]);
  });
});
