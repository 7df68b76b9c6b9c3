// What is remembered of the last visit: written a while later, read at the next start, gone with who it belongs to.
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import type { Message, RoomState } from "../protocol";
import { opened, posted, posts, room, run, seqs } from "../store/cast";
import { KEPT_MESSAGES_COUNT, KEPT_ROOMS_COUNT } from "../store/kept";
import { BOB, ME, ModelServer, ROOM } from "../store/model_server";
import { emptyState, type State } from "../store/state";
import { FakeClock, settled } from "./fakes";
import { Keeper } from "./keeper";
import { forgetKept, openKeptStore } from "./kept_store";

let factory = new IDBFactory();
let clock = new FakeClock();
beforeEach(() => {
  factory = new IDBFactory();
  clock = new FakeClock();
});

const server = new ModelServer(posts(100));
const open = async (user = ME.id, version = "1") => (await openKeptStore(user, version, factory))!;

async function keep(state: State): Promise<void> {
  const keeper = new Keeper(await open(), clock, () => state);
  await keeper.write();
}
async function back(version = "1"): Promise<State> {
  const kept = await (await open(ME.id, version)).read(clock.now());
  return kept ? run(emptyState(ME), { type: "local.kept", kept }) : emptyState(ME);
}

test("the next start shows the rooms and the end of what was read, as something old", async () => {
  await keep(opened(server));
  const state = await back();
  expect(seqs(state)).toEqual(Array.from({ length: 50 }, (_, at) => at + 51));
  expect(room(state).timeline).toMatchObject({ stale: true, kept: true, hasBefore: true, hasAfter: false });
  expect([state.synced, state.keptAt, state.users.has(BOB.id)]).toEqual([false, clock.now(), true]);
});

test("nobody is said to be there who was there then", async () => {
  await keep(run(opened(server), { type: "presence", user: BOB.id, status: "online" }));
  expect((await back()).users.get(BOB.id)?.status).toBe("unknown");
});

test("the room that is open is read anew, without a hole and without a false gap, and says where reading stopped", async () => {
  await keep(opened(server));
  const later = new ModelServer(posts(400));
  let state = run(await back(), { type: "local.entered", room: ROOM });
  state = run(state, { type: "local.resumed", result: later.resume(undefined) }, { type: "synced" });
  expect([room(state).cursor, state.keptAt]).toEqual([400, null]);
  expect(room(state).newLineAfter).toBe(room(state).state.read_msg_no);
  state = run(
    state,
    posted(401),
    { type: "local.loading", room: ROOM, which: "newest" },
    later.page("newest", null, 50),
  );
  expect(seqs(state).at(0)).toBe(351);
  expect(room(state).timeline).toMatchObject({ gapBeforeSeq: null, stale: false, kept: false });
});

test("nothing old takes the place of what the server has told", async () => {
  await keep(opened(server));
  const kept = (await (await open()).read(clock.now()))!;
  const state = opened(new ModelServer(posts(3)));
  expect(run(state, { type: "local.kept", kept })).toBe(state);
});

test("what is not known for sure is not written over what is", async () => {
  await keep(opened(server));
  await keep({ ...opened(new ModelServer(posts(2))), synced: false });
  expect(seqs(await back())).toHaveLength(50);
});

test("a page of another version and a visit of long ago are not read", async () => {
  await keep(opened(server));
  expect((await back("2")).rooms.size).toBe(0);
  await clock.pass(31 * 86_400_000);
  expect((await back()).rooms.size).toBe(0);
});

test("few messages of few rooms are kept, those of the last ones read", async () => {
  const store = await open();
  const states = Array.from({ length: KEPT_ROOMS_COUNT + 5 }, (_, at) => ({ id: at + 1 }) as RoomState);
  const many = Array.from({ length: 200 }, (_, at) => ({ seq: at }) as Message);
  for (const { id } of states)
    await store.write({ at: id, rooms: states, users: [], messages: new Map([[id, many]]) });
  const kept = (await store.read(0))!;
  expect([...kept.messages.keys()].sort((a, b) => a - b)[0]).toBe(6);
  expect([kept.messages.size, kept.rooms.length]).toEqual([KEPT_ROOMS_COUNT, states.length]);
  expect([...kept.messages.values()].every((all) => all.length === KEPT_MESSAGES_COUNT)).toBe(true);
});

test("of a room that I am no longer in nothing stays", async () => {
  await keep(opened(server));
  const store = await open();
  await store.write({ at: clock.now(), rooms: [], users: [], messages: new Map() });
  expect((await store.read(clock.now()))?.messages.size).toBe(0);
});

test("changes are written together, a while after the first", async () => {
  let state = opened(server);
  const keeper = new Keeper(await open(), clock, () => state);
  keeper.note();
  state = run(state, posted(101), posted(102));
  keeper.note();
  expect((await back()).rooms.size).toBe(0);
  await clock.pass(5_000);
  await settled();
  await expect.poll(async () => (await back()).rooms.get(ROOM)?.timeline.messages.at(-1)?.seq).toBe(102);
});

test("who signs out leaves nothing, and nothing is written after them", async () => {
  const store = await open();
  const keeper = new Keeper(store, clock, () => opened(server));
  await keeper.write();
  keeper.end();
  await forgetKept(factory);
  await keeper.write();
  expect(await factory.databases()).toEqual([]);
  expect((await back()).rooms.size).toBe(0);
});

test("somebody else's is thrown away at my start, and mine stays", async () => {
  await (await open(77)).write({ at: 0, rooms: [], users: [], messages: new Map() });
  await keep(opened(server));
  await forgetKept(factory, ME.id);
  expect((await factory.databases()).map(({ name }) => name)).toEqual([`maru-kept-${ME.id}`]);
});

test("a browser without storage starts without a memory", async () => {
  expect(await openKeptStore(1, "1", undefined)).toBeNull();
  await forgetKept(undefined);
});
