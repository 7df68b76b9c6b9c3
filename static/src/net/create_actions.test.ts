// What the screen asks for and gets: rooms, pages, messages, threads.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { posts } from "../store/cast";
import { ModelServer, ROOM } from "../store/model_server";
import { settled } from "./fakes";
import { Stage } from "./stage";

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

afterEach(() => vi.unstubAllGlobals());

describe("a room", () => {
  it("that is opened before the server is there is loaded when it is", async () => {
    await stage.enter();
    expect([stage.state.link.kind, stage.seqs().length, stage.room().timeline.loading]).toEqual([
      "online",
      20,
      "no",
    ]);
  });

  it("opens around a message, even when it is named before the room is known", async () => {
    stage.server.doAll(posts(200));
    void stage.actions.openRoom(ROOM, 50);
    await stage.greetAndResume();
    expect(stage.wire().last("history.get").around).toBe(50);
    await stage.givePage();
    expect([stage.seqs().includes(50), stage.room().timeline.hasAfter]).toEqual([true, true]);
    void stage.actions.jumpToLatest(ROOM);
    await stage.givePage();
    expect([stage.seqs().at(-1), stage.room().timeline.hasAfter]).toEqual([220, false]);
  });

  it("grows by older pages, and skips pages that hold only replies of threads", async () => {
    stage.server = new ModelServer([
      ...posts(30),
      ...Array.from({ length: 200 }, () => ({ kind: "reply" as const, by: 1, pick: 0 })),
    ]);
    await stage.enter();
    for (let turn = 0; turn < 3; turn++) await stage.givePage();
    expect(
      stage.room().timeline.messages.filter((message) => message.parent === null).length,
    ).toBeGreaterThan(0);
    expect(stage.sentCount("history.get")).toBe(4);
  });

  it("whose page fails says so, and is tried again after the next connection", async () => {
    void stage.actions.openRoom(ROOM);
    await stage.greetAndResume();
    stage.wire().refuses("history.get", "unavailable", true, 100);
    await settled();
    expect(stage.room().timeline).toMatchObject({ failed: true, loading: "no" });
    await stage.clock.pass(60_000);
    stage.wire().breaks();
    await stage.clock.pass(2_000);
    await stage.greetAndResume();
    await stage.givePage();
    expect([stage.seqs().length, stage.room().timeline.failed]).toEqual([20, false]);
  });
});

describe("what I write", () => {
  it("is shown at once, sent once, and replaced by its change", async () => {
    await stage.enter();
    const id = stage.actions.post(ROOM, "hi");
    expect(stage.state.pending).toMatchObject([{ clientMessageId: id, status: "sending" }]);
    expect(stage.wire().last("message.post")).toMatchObject({
      client_message_id: id,
      body: "hi",
      parent: null,
    });
    stage.wire().accepts("message.post", { room: ROOM, seq: 21, id: 1, msg_no: 21, at: "" });
    await settled();
    expect(stage.state.pending).toHaveLength(1);
    stage.server.doAll(posts(1, 0));
    stage.wire().says(...stage.server.after(20, 1));
    expect([stage.state.pending, stage.seqs().at(-1)]).toEqual([[], 21]);
  });

  it("goes out again under its id after a break without an answer", async () => {
    await stage.enter();
    const id = stage.actions.post(ROOM, "hi");
    stage.wire().breaks();
    await settled();
    await stage.clock.pass(1_000);
    await stage.greetAndResume();
    expect(stage.wire().last("message.post").client_message_id).toBe(id);
  });

  it("is not sent again when the replay shows that it is stored", async () => {
    await stage.enter();
    const id = stage.actions.post(ROOM, "hi");
    stage.wire().breaks();
    await settled();
    await stage.clock.pass(1_000);
    stage.wire().greets();
    stage.server.doAll(posts(1, 0));
    const [change] = stage.server.after(20, 1);
    if (change?.type !== "message.posted") throw new Error("no message");
    stage
      .wire()
      .says(
        { type: "reply", ref: stage.wire().last("resume").ref, ok: true, result: stage.server.resume(20) },
        { ...change, message: { ...change.message, client_message_id: id } },
        { type: "synced" },
      );
    await settled();
    expect(stage.state.pending).toEqual([]);
    await stage.clock.pass(60_000);
    expect(stage.sentCount("message.post")).toBe(0);
  });
});

describe("a thread", () => {
  it("shows what is here at once, then what the server has, and what comes meanwhile", async () => {
    stage.server.doAll([{ kind: "reply", by: 1, pick: 0 }]);
    await stage.enter();
    const root = stage.room().timeline.messages[0]!;
    const items = stage.room().timeline.messages.filter((message) => message.parent === root.id);
    stage.answer = () => Response.json({ items, next: null });
    const opening = stage.actions.thread(root.id);
    expect(stage.state.thread).toMatchObject({ loading: true, replies: items });
    stage.server.doAll([{ kind: "reply", by: 2, pick: 0 }]);
    stage.wire().says(...stage.server.after(21, 1));
    await opening;
    expect([stage.state.thread!.replies.map(({ seq }) => seq), stage.state.thread!.loading]).toEqual([
      [21, 22],
      false,
    ]);
    stage.actions.closeThread();
    expect(stage.state.thread).toBeNull();
  });
});
