// A connection that is lost: when the next one comes, and what is told meanwhile.
import { beforeEach, describe, expect, it } from "vitest";
import type { ActionError } from "./error";
import { protocolsFor } from "./frames";
import { at, begin, install, link, wire } from "./socket_stage";

beforeEach(install);

describe("an end", () => {
  it("rejects what waits and begins anew when it is started again", async () => {
    begin();
    const asked = at.socket
      .request("read.mark", { room: 12, msg_no: 1 })
      .catch((reason: ActionError) => reason.code);
    at.socket.stop();
    expect([await asked, at.downs, at.clock.armed]).toEqual(["network", 1, 0]);
    begin();
    expect([at.wires.length, wire().last("resume").type]).toEqual([2, "resume"]);
  });
});

describe("coming back", () => {
  it("waits longer each time, up to a bound, spread over the whole interval", async () => {
    at.socket.start();
    const waits: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      const from = at.clock.now();
      wire().breaks();
      const now = link();
      if (now.kind !== "reconnecting") throw new Error(now.kind);
      waits.push(now.retryAt - from);
      await at.clock.pass(now.retryAt - from);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    at.random = 0;
    wire().breaks();
    expect((link() as { retryAt: number }).retryAt).toBe(at.clock.now());
  });

  it("begins with short waits again after a connection that held, and only then", async () => {
    begin();
    wire().breaks();
    await at.clock.pass(500);
    wire().greets();
    wire().accepts("resume");
    wire().breaks();
    expect(link()).toMatchObject({ attempt: 2 });
    await at.clock.pass(1_000);
    wire().greets();
    wire().accepts("resume");
    await at.clock.pass(10_000);
    wire().breaks();
    expect(link()).toMatchObject({ attempt: 1 });
  });

  it("comes back after the time that a bye names", async () => {
    begin();
    wire().says({ type: "bye", in_ms: 1_700 });
    wire().breaks(1012);
    expect(link()).toMatchObject({ kind: "reconnecting", retryAt: at.clock.now() + 1_700 });
    await at.clock.pass(1_699);
    expect(at.wires).toHaveLength(1);
    await at.clock.pass(1);
    expect(at.wires).toHaveLength(2);
  });

  it("is not ended by the farewell of the connection before", async () => {
    begin();
    wire().says({ type: "bye", in_ms: 100 });
    wire().breaks(1012);
    await at.clock.pass(100);
    wire().greets();
    wire().accepts("resume");
    await at.clock.pass(20_000);
    expect([at.wires.length, wire().isClosed]).toEqual([2, false]);
  });

  it("does not come sooner than a bye has asked, except when the person says so", async () => {
    begin();
    wire().says({ type: "bye", in_ms: 9_000 });
    wire().breaks(1012);
    await at.clock.pass(5_000);
    at.socket.wake();
    at.socket.hurry();
    expect([at.wires.length, link()]).toMatchObject([1, { retryAt: at.clock.now() + 4_000 }]);
    at.socket.tryNow();
    expect(at.wires).toHaveLength(2);
  });

  it("does not wait for a server that said bye, went on talking and then died", async () => {
    begin();
    wire().says({ type: "bye", in_ms: 100 });
    await at.clock.pass(5_000);
    wire().says({ type: "presence", user: 2, status: "away" });
    await at.clock.pass(5_100);
    expect(at.wires).toHaveLength(2);
  });

  it("does not wait for a server that said bye and then died", async () => {
    begin();
    wire().says({ type: "bye", in_ms: 100 });
    await at.clock.pass(10_100);
    expect(at.wires).toHaveLength(2);
  });

  it.each([4200, 4201, 4202, 1009])("is more patient after %i", (code) => {
    begin();
    wire().breaks(code);
    expect(link()).toMatchObject({ retryAt: at.clock.now() + 5_500 });
  });

  it.each([1000, 1001, 1006, 1011, 1012, 4100, 4101])("comes back after %i", async (code) => {
    begin();
    wire().breaks(code);
    await at.clock.pass(1_000);
    expect(at.wires).toHaveLength(2);
  });

  it.each([4500, 4502, 4503])("does not come back after %i", async (code) => {
    begin();
    wire().breaks(code);
    await at.clock.pass(3_600_000);
    expect(at.wires).toHaveLength(1);
    expect(link()).toEqual({ kind: "stopped", code });
    expect([at.signedOut, at.clock.armed]).toEqual([0, 0]);
  });

  it("goes to the sign-in page after 4501", () => {
    at.socket.start();
    wire().breaks(4501);
    expect([at.signedOut, link()]).toEqual([1, { kind: "stopped", code: 4501 }]);
  });

  it("does not hear an older wire any more", async () => {
    begin();
    const old = wire();
    const [message, close] = [old.onmessage!, old.onclose!];
    at.socket.reconnect();
    await at.clock.pass(500);
    wire().greets();
    at.frames = [];
    message({ data: '{"type":"synced"}' });
    close({ code: 4501 });
    expect([at.frames, at.signedOut]).toEqual([[], 0]);
  });
});

describe("what the browser says about the network", () => {
  it("is told on the state line, and the wait goes on", async () => {
    begin();
    at.isOnline = false;
    wire().breaks();
    expect(link()).toEqual({ kind: "offline" });
    await at.clock.pass(1_000);
    expect(at.wires).toHaveLength(2);
  });

  it("ends the wait when it is back", () => {
    begin();
    for (let turn = 0; turn < 3; turn++) wire().breaks();
    at.socket.wake();
    expect(at.wires).toHaveLength(2);
  });

  it("is told at once when it is gone, and that it is not when the server answers", async () => {
    begin();
    wire().says({ type: "synced" });
    at.isOnline = false;
    at.socket.doubt();
    expect([link(), wire().isClosed]).toEqual([{ kind: "offline" }, false]);
    wire().says({ type: "presence", user: 2, status: "away" });
    expect(link()).toEqual({ kind: "offline" });
    wire().says({ type: "pong", ref: 1 });
    expect(link()).toEqual({ kind: "online" });
    await at.clock.pass(20_000);
    expect(at.wires).toHaveLength(1);
  });

  it("does not leave it at offline once the network is back", async () => {
    begin();
    at.isOnline = false;
    at.socket.doubt();
    await at.clock.pass(5_000);
    expect([link(), at.wires[0]!.isClosed]).toEqual([{ kind: "offline" }, true]);
    at.isOnline = true;
    at.socket.wake();
    expect([link().kind, at.wires.length]).toEqual(["reconnecting", 2]);
  });

  it("gives up, when it is back, an attempt that was begun without it", async () => {
    at.socket.start();
    await at.clock.pass(2_999);
    at.socket.wake();
    expect(at.wires).toHaveLength(1);
    await at.clock.pass(1);
    at.socket.wake();
    expect([at.wires.length, at.wires[0]!.isClosed]).toEqual([2, true]);
  });

  it("is tried again when somebody wants something, but not at every key", async () => {
    begin();
    for (let turn = 0; turn < 4; turn++) {
      wire().breaks();
      if (turn < 3) await at.clock.pass((link() as { retryAt: number }).retryAt - at.clock.now());
    }
    const count = at.wires.length;
    await at.clock.pass(2_999);
    at.socket.hurry();
    expect(at.wires).toHaveLength(count);
    await at.clock.pass(1);
    at.socket.hurry();
    at.socket.hurry();
    expect(at.wires).toHaveLength(count + 1);
  });

  it("is checked when the person comes back: a wire that died asleep is noticed in seconds", async () => {
    begin();
    at.socket.wake();
    expect(wire().last("ping").ref).toBeDefined();
    await at.clock.pass(5_000);
    expect(at.wires[0]!.isClosed).toBe(true);
  });

  it("is not believed while the server answers", async () => {
    begin();
    at.socket.doubt();
    wire().says({ type: "pong", ref: 1 });
    await at.clock.pass(10_000);
    expect(at.wires).toHaveLength(1);
  });
});

describe("the ticket", () => {
  const greet = (ticket?: unknown): void =>
    wire().says({ type: "hello", heartbeat_s: 25, ...(ticket === undefined ? {} : { ticket }) });
  const comeBack = async (): Promise<void> => {
    await at.clock.pass((link() as { retryAt: number }).retryAt - at.clock.now());
  };

  it("of a greeting is shown at the next handshake, the newest one", async () => {
    at.socket.start();
    greet("one");
    wire().breaks();
    await comeBack();
    greet("two");
    wire().breaks();
    await comeBack();
    greet();
    wire().breaks();
    await comeBack();
    expect(at.tickets).toEqual([null, "one", "two", "two"]);
  });

  it("is left out every second time while a door stays shut: it may be a door that knows no tickets", async () => {
    at.socket.start();
    greet("one");
    for (let turn = 0; turn < 4; turn++) {
      wire().breaks();
      await comeBack();
    }
    expect(at.tickets).toEqual([null, "one", null, "one", null]);
    wire().onopen?.();
    wire().breaks();
    await comeBack();
    expect(at.tickets.at(-1)).toBe("one");
  });

  it.each([7, null, "", {}])("is none when the greeting says %j", async (ticket) => {
    at.socket.start();
    greet(ticket);
    wire().breaks();
    await comeBack();
    expect(at.tickets).toEqual([null, null]);
  });

  it("is forgotten when the person leaves", () => {
    at.socket.start();
    greet("one");
    at.socket.stop();
    at.socket.start();
    expect(at.tickets).toEqual([null, null]);
  });

  it("is offered as a subprotocol beside the protocol's own name, and nothing is without it", () => {
    expect(protocolsFor("aZ0-_")).toEqual(["maru.v1", "ticket.aZ0-_"]);
    expect(protocolsFor(null)).toEqual([]);
  });
});
