// A connection that stands: greeting, answers, heartbeat.
import { beforeEach, describe, expect, it } from "vitest";
import type { ActionError } from "./error";
import { settled } from "./fakes";
import { at, begin, install, link, wire } from "./socket_stage";

beforeEach(install);

describe("greeting", () => {
  it("sends nothing before the server has greeted, then resumes with its cursors", () => {
    at.socket.start();
    void at.socket.request("read.mark", { room: 12, msg_no: 1 });
    expect(wire().sent).toEqual([]);
    wire().greets();
    expect(wire().sent).toEqual([
      { type: "resume", ref: expect.any(Number), epoch: null, rooms: { "12": 346 } },
    ]);
  });

  it("lets what waited through once it is resumed, in order", () => {
    at.socket.start();
    void at.socket.request("read.mark", { room: 12, msg_no: 1 });
    void at.socket.request("read.mark", { room: 12, msg_no: 2 });
    wire().greets();
    wire().accepts("resume");
    expect(wire().sent.map((frame) => frame.msg_no)).toEqual([undefined, 1, 2]);
  });

  it("hands the answer to resume over before the changes behind it in the same frame", () => {
    at.socket.start();
    wire().greets();
    const reply = { type: "reply", ref: wire().last("resume").ref, ok: true, result: {} };
    wire().says(reply, { type: "synced" }, { type: "presence", user: 2, status: "online" });
    expect(at.events).toEqual(["hello", "resumed", "synced", "presence"]);
  });

  it("gives up a connection that does not greet", async () => {
    at.socket.start();
    await at.clock.pass(15_000);
    expect(wire().isClosed).toBe(true);
    expect(link().kind).toBe("reconnecting");
  });
});

describe("replies", () => {
  it("resolves by ref, whatever the order", async () => {
    begin();
    const first = at.socket.request("read.mark", { room: 12, msg_no: 1 });
    const second = at.socket.request("read.mark", { room: 12, msg_no: 2 });
    const [, one, two] = wire().sent;
    wire().says({ type: "reply", ref: two!.ref, ok: true, result: { msg_no: 2 } });
    wire().says({ type: "reply", ref: one!.ref, ok: true, result: { msg_no: 1 } });
    expect(await first).toEqual({ msg_no: 1 });
    expect(await second).toEqual({ msg_no: 2 });
  });

  it("rejects with code, detail, retry and the wait of the error", async () => {
    begin();
    const asked = at.socket.request("message.edit", { message: 1, body: "x" });
    wire().refuses("message.edit", "rate_limited", true, 800);
    const error = (await asked.catch((reason: ActionError) => reason)) as ActionError;
    expect([error.code, error.retry, error.afterMs]).toEqual(["rate_limited", true, 800]);
  });

  it("gives up waiting after its time, and then asks whether anybody is there", async () => {
    begin();
    const asked = at.socket
      .request("read.mark", { room: 12, msg_no: 1 })
      .catch((reason: ActionError) => reason.code);
    await at.clock.pass(15_000);
    expect(await asked).toBe("network");
    expect(wire().last("ping").ref).toBeDefined();
  });

  it("rejects what was sent when the connection breaks", async () => {
    begin();
    const asked = at.socket
      .request("read.mark", { room: 12, msg_no: 1 })
      .catch((reason: ActionError) => reason.code);
    wire().breaks();
    expect(await asked).toBe("network");
    expect(at.downs).toBe(1);
  });

  it("keeps what was not sent for the next connection", async () => {
    begin();
    wire().breaks();
    const asked = at.socket.request("read.mark", { room: 12, msg_no: 9 });
    await at.clock.pass(1_000);
    wire().greets();
    wire().accepts("resume");
    wire().accepts("read.mark", { msg_no: 9 });
    expect(await asked).toEqual({ msg_no: 9 });
  });

  it("refuses a frame that the server would close the connection for", async () => {
    begin();
    const asked = at.socket.request("message.edit", { message: 1, body: "가".repeat(30_000) });
    expect(await asked.catch((reason: ActionError) => reason.code)).toBe("too_long");
    expect(wire().sent.some((frame) => frame.type === "message.edit")).toBe(false);
  });
});

describe("heartbeat", () => {
  it("pings after heartbeat_s of silence and is content with any answer", async () => {
    begin();
    await at.clock.pass(25_000);
    expect(wire().last("ping").ref).toBeDefined();
    wire().says({ type: "pong", ref: 1 });
    await at.clock.pass(20_000);
    expect(wire().isClosed).toBe(false);
  });

  it("takes a wire that answers nothing for dead, and comes back", async () => {
    begin();
    await at.clock.pass(35_000);
    expect(at.wires[0]!.isClosed).toBe(true);
    expect(link().kind).toBe("reconnecting");
    await at.clock.pass(1_000);
    expect(at.wires).toHaveLength(2);
  });

  it("does not ping while the server talks anyway", async () => {
    begin();
    for (let turn = 0; turn < 10; turn++) {
      await at.clock.pass(20_000);
      wire().says({ type: "presence", user: 2, status: "online" });
    }
    expect(wire().sent.some((frame) => frame.type === "ping")).toBe(false);
  });
});

describe("whatever the server says", () => {
  it.each(["", "{", "null", "7", "[null,1,{}]", '{"type":5}', new ArrayBuffer(2)])("survives %j", (data) => {
    begin();
    wire().saysText(data);
    wire().says({ type: "synced" });
    expect(at.frames.at(-1)).toEqual({ type: "synced" });
  });

  it("uses one timer", async () => {
    begin();
    void at.socket.request("read.mark", { room: 12, msg_no: 1 }).catch(() => undefined);
    at.socket.wake();
    expect(at.clock.armed).toBe(1);
    at.socket.stop();
    await settled();
    expect([at.clock.armed, wire().closedWith]).toEqual([0, 1000]);
  });
});
