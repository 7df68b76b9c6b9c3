// Socket, session and store together: resume, holes, what is asked again.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { posts } from "../store/cast";
import { ROOM } from "../store/model_server";
import { settled } from "./fakes";
import { BACK_MS } from "./outbox";
import { Stage } from "./stage";

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

afterEach(() => vi.unstubAllGlobals());

describe("resuming", () => {
  it("is asked again on the same connection when the server is busy", async () => {
    stage.wire().greets();
    stage.wire().refuses("resume", "unavailable", true, 700);
    await stage.clock.pass(699);
    expect(stage.sentCount("resume")).toBe(1);
    await stage.clock.pass(1);
    expect([stage.sentCount("resume"), stage.wires.length]).toEqual([2, 1]);
  });

  it("is asked again soon when the server says that its database is back", async () => {
    stage.wire().greets();
    stage.wire().says({ type: "degraded", parts: ["db"] });
    stage.wire().refuses("resume", "unavailable", true, 9_000);
    stage.wire().says({ type: "degraded", parts: ["redis"] });
    await stage.clock.pass(BACK_MS / 2 - 1);
    expect(stage.sentCount("resume")).toBe(1);
    await stage.clock.pass(1);
    expect([stage.sentCount("resume"), stage.wires.length]).toEqual([2, 1]);
  });

  it("is not asked twice on a connection that came meanwhile", async () => {
    stage.wire().greets();
    stage.wire().refuses("resume", "unavailable", true, 5_000);
    stage.wire().breaks();
    await stage.clock.pass(1_000);
    stage.wire().greets();
    await stage.clock.pass(6_000);
    expect([stage.wires.length, stage.sentCount("resume")]).toEqual([2, 1]);
  });

  it("without an answer is tried on another connection", async () => {
    stage.wire().greets();
    for (let turn = 0; turn < 3; turn++) {
      await stage.clock.pass(5_000);
      stage.wires[0]!.says({ type: "pong", ref: 1 });
    }
    await stage.clock.pass(1_000);
    expect(stage.wires).toHaveLength(2);
  });

  it("is refused for good only on this connection", async () => {
    stage.wire().greets();
    stage.wire().refuses("resume", "conflict", false);
    await stage.clock.pass(1_000);
    expect(stage.wires).toHaveLength(2);
  });
});

describe("writing", () => {
  it("goes on soon when the server says that its database is back", async () => {
    await stage.enter();
    stage.actions.post(ROOM, "hi", null);
    await settled();
    stage.wire().refuses("message.post", "unavailable", true, 9_000);
    await settled();
    stage.wire().says({ type: "degraded", parts: ["db"] });
    await stage.clock.pass(BACK_MS);
    expect(stage.sentCount("message.post")).toBe(1);
    stage.wire().says({ type: "degraded", parts: [] });
    await stage.clock.pass(BACK_MS / 2);
    expect(stage.sentCount("message.post")).toBe(2);
  });
});

describe("what is missing", () => {
  // Which rooms were asked for; what belongs to the person is read again at each resume.
  const asked = () => stage.requests.map(({ url }) => url).filter((url) => url.startsWith("/api/v1/rooms/"));

  it("is replayed after a break, from the cursor that is held", async () => {
    await stage.enter();
    stage.wire().breaks();
    stage.server.doAll(posts(5));
    await stage.clock.pass(1_000);
    stage.wire().greets();
    expect(stage.wire().last("resume")).toMatchObject({ epoch: "e", rooms: { [ROOM]: 20 } });
    stage.wire().accepts("resume", { ...stage.server.resume(20) });
    expect(stage.state.link).toEqual({ kind: "catching_up", missing: 5 });
    stage.wire().says(...stage.server.after(20, 500), { type: "synced" });
    expect([stage.state.link.kind, stage.seqs().at(-1)]).toEqual(["online", 25]);
  });

  it("is asked for when a hole has held later changes back for 2 s, and not earlier", async () => {
    await stage.enter();
    stage.server.doAll(posts(3));
    const [lost, ...rest] = stage.server.after(20, 10);
    stage.wire().says(...rest);
    await stage.clock.pass(1_999);
    expect([stage.sentCount("changes.get"), stage.seqs().at(-1)]).toEqual([0, 20]);
    await stage.clock.pass(1);
    expect(stage.wire().last("changes.get")).toMatchObject({ room: ROOM, after: 20 });
    stage.wire().accepts("changes.get", { items: [lost] });
    await settled();
    expect([stage.seqs().at(-1), stage.room().held.size]).toEqual([23, 0]);
  });

  it("is not asked for when it comes by itself", async () => {
    await stage.enter();
    stage.server.doAll(posts(2));
    const [late, early] = stage.server.after(20, 10);
    stage.wire().says(early!);
    await stage.clock.pass(1_000);
    stage.wire().says(late!);
    await stage.clock.pass(10_000);
    expect([stage.sentCount("changes.get"), stage.seqs().at(-1)]).toEqual([0, 22]);
  });

  it("and not in the log is a reason to take everything up anew", async () => {
    await stage.enter();
    stage.server.doAll(posts(2));
    stage.wire().says(stage.server.after(21, 1)[0]!);
    await stage.clock.pass(2_000);
    stage.wire().accepts("changes.get", { items: [] });
    await settled();
    await stage.clock.pass(1_000);
    expect(stage.wires).toHaveLength(2);
  });

  it("of a room that I am no longer in closes the room", async () => {
    await stage.enter();
    stage.server.doAll(posts(2));
    stage.wire().says(stage.server.after(21, 1)[0]!);
    await stage.clock.pass(2_000);
    stage.wire().refuses("changes.get", "not_found", false);
    await settled();
    expect(stage.state.rooms.has(ROOM)).toBe(false);
  });

  it("is asked over REST when a strange room speaks", async () => {
    await stage.greetAndResume();
    stage.answer = () => Response.json({ ...stage.server.roomState(), id: 99 });
    stage.wire().says({ ...stage.server.after(0, 1)[0]!, room: 99 });
    await stage.clock.pass(300);
    await settled();
    expect([asked(), stage.state.rooms.has(99), stage.state.ask.size]).toEqual([
      ["/api/v1/rooms/99"],
      true,
      0,
    ]);
  });

  it("is let go when the server does not know it either", async () => {
    await stage.greetAndResume();
    stage.answer = () => Response.json({ error: { code: "not_found", detail: "" } }, { status: 404 });
    stage.wire().says({ ...stage.server.after(0, 1)[0]!, room: 99 });
    await stage.clock.pass(60_000);
    expect([asked(), stage.state.ask.size]).toEqual([["/api/v1/rooms/99"], 0]);
  });
});

describe("reading and typing", () => {
  it("is told at once, then at most once a second, with the highest", async () => {
    await stage.enter();
    stage.actions.markRead(ROOM, 3);
    expect([stage.sentCount("read.mark"), stage.wire().last("read.mark").msg_no]).toEqual([1, 3]);
    for (const msgNo of [5, 9, 7]) stage.actions.markRead(ROOM, msgNo);
    expect([stage.room().state.unread, stage.sentCount("read.mark")]).toEqual([11, 1]);
    await stage.clock.pass(999);
    expect(stage.sentCount("read.mark")).toBe(1);
    await stage.clock.pass(1);
    expect([stage.sentCount("read.mark"), stage.wire().last("read.mark").msg_no]).toEqual([2, 9]);
    stage.wire().accepts("read.mark", { room: ROOM, msg_no: 9 });
    await stage.clock.pass(10_000);
    expect(stage.sentCount("read.mark")).toBe(2);
  });

  it("is told again after the time that the server asks for", async () => {
    await stage.enter();
    stage.actions.markRead(ROOM, 3);
    stage.wire().refuses("read.mark", "rate_limited", true, 4_000);
    await stage.clock.pass(3_999);
    expect(stage.sentCount("read.mark")).toBe(1);
    await stage.clock.pass(1);
    expect(stage.sentCount("read.mark")).toBe(2);
  });

  it("is told by a request that outlives the page when it goes", async () => {
    await stage.enter();
    stage.wire().breaks();
    await settled();
    stage.actions.markRead(ROOM, 9);
    stage.leave(false);
    await settled();
    expect(stage.requests.map(({ url, init }) => [url, init.keepalive, init.body])).toEqual([
      [`/api/v1/rooms/${ROOM}/read`, true, '{"msg_no":9,"backs":0}'],
    ]);
    stage.leave(true);
    await settled();
    expect(stage.requests).toHaveLength(1);
  });

  it("is told again after a break when nobody confirmed it", async () => {
    await stage.enter();
    stage.actions.markRead(ROOM, 9);
    await stage.clock.pass(1_000);
    stage.wire().breaks();
    await settled();
    await stage.clock.pass(1_000);
    await stage.greetAndResume();
    expect(stage.wire().last("read.mark").msg_no).toBe(9);
    stage.wire().accepts("read.mark", { room: ROOM, msg_no: 9 });
    await settled();
    stage.wire().breaks();
    await stage.clock.pass(2_000);
    await stage.greetAndResume();
    expect(stage.sentCount("read.mark")).toBe(0);
  });

  it("says that I type every 3 s, and that I stopped when I post", async () => {
    await stage.enter();
    for (let key = 0; key < 40; key++) {
      stage.actions.typing(ROOM, true);
      await stage.clock.pass(100);
    }
    expect(stage.sentCount("typing.start")).toBe(2);
    expect(stage.wire().last("typing.start").ref).toBeUndefined();
    stage.actions.post(ROOM, "hi");
    stage.actions.post(ROOM, "ho");
    expect(stage.sentCount("typing.stop")).toBe(1);
  });

  it("forgets who types without a word", async () => {
    await stage.enter();
    stage.wire().says({ type: "typing", room: ROOM, user: 2, is_typing: true });
    expect([...stage.room().typing.keys()]).toEqual([2]);
    await stage.clock.pass(6_000);
    expect(stage.room().typing.size).toBe(0);
  });
});
