// The bell: who is told of what while the page is open, in which tab, and how often.
import { beforeEach, expect, test } from "vitest";
import type { Message, ServerFrame } from "../protocol";
import { type Alert, isQuiet } from "../store/alert";
import { opened, posted, posts, run } from "../store/cast";
import { ME, ModelServer, ROOM } from "../store/model_server";
import type { State } from "../store/state";
import { Bell, type Glance } from "./bell";
import { FakeClock } from "./fakes";

let clock = new FakeClock();
let state: State;
let rung: number[][] = [];
let ears: ((glance: Glance) => void)[] = [];

beforeEach(() => {
  clock = new FakeClock();
  state = run(opened(new ModelServer(posts(3))), { type: "local.entered", room: null });
  rung = [];
  ears = [];
});

function tab({ looks = false, wins = true } = {}): Bell {
  const others = ears;
  const own = { hear: (_: Glance): void => undefined };
  ears.push((glance) => own.hear(glance));
  const bell = new Bell({
    clock,
    state: () => state,
    isLookedAt: () => looks,
    elect: (won) => {
      if (wins) won();
      return () => undefined;
    },
    tabs: {
      tell: (glance) => {
        for (const hear of others) hear(glance);
      },
      listen: (hear) => {
        own.hear = hear;
      },
    },
  });
  bell.onAlerts((alerts: readonly Alert[]) => rung.push(alerts.map(({ message }) => message.seq)));
  bell.hear([{ type: "synced" } as ServerFrame]);
  return bell;
}

const say = (seq: number, fields: Partial<Message> = { mentions: [ME.id] }): ServerFrame => {
  const frame = posted(seq, fields) as ServerFrame;
  state = run(state, frame);
  return frame;
};
const asRoom = (fields: object): void => {
  const room = state.rooms.get(ROOM)!;
  const rooms = new Map(state.rooms).set(ROOM, { ...room, state: { ...room.state, ...fields } });
  state = { ...state, rooms };
};

test("what names me rings once, and what comes together rings together", async () => {
  const bell = tab();
  bell.hear([say(4)]);
  bell.hear([say(5)]);
  await clock.pass(700);
  bell.hear([say(6)]);
  await clock.pass(700);
  expect(rung).toEqual([[4, 5], [6]]);
});

test("in a room what names nobody does not ring, in a direct conversation it does", async () => {
  const bell = tab();
  bell.hear([say(4, { mentions: [] })]);
  await clock.pass(700);
  asRoom({ kind: "direct" });
  bell.hear([say(5, { mentions: [] })]);
  await clock.pass(700);
  expect(rung).toEqual([[5]]);
});

test.each([
  ["none", "open", [ME.id], []],
  ["mentions", "open", [ME.id], [[4]]],
  ["mentions", "direct", [], []],
  ["all", "direct", [], [[4]]],
] as const)(
  "with the level %s in a room that is %s it rings as the server would",
  async (level, kind, mentions, told) => {
    const bell = tab();
    asRoom({ level, kind });
    bell.hear([say(4, { mentions: [...mentions] })]);
    await clock.pass(700);
    expect(rung).toEqual(told);
  },
);

test("what I said myself on another device does not ring", async () => {
  const bell = tab();
  bell.hear([say(4, { sender: { ...ME }, mentions: [ME.id] })]);
  await clock.pass(700);
  expect(rung).toEqual([]);
});

test("what is read in time, here or elsewhere, does not ring", async () => {
  const bell = tab();
  const frame = say(4);
  bell.hear([frame]);
  const { message } = frame as { message: Message };
  state = run(state, { type: "local.read", room: ROOM, msgNo: message.msg_no! });
  await clock.pass(700);
  expect(rung).toEqual([]);
});

test("of several tabs only the elected one rings", async () => {
  const bells = [tab({ wins: false }), tab(), tab({ wins: false })];
  const frame = say(4);
  for (const bell of bells) bell.hear([frame]);
  await clock.pass(700);
  expect(rung).toEqual([[4]]);
});

test("no tab rings for what one of them shows to somebody", async () => {
  state = run(state, { type: "local.entered", room: ROOM });
  const [leader, looked] = [tab(), tab({ looks: true, wins: false })];
  const frame = say(4);
  leader.hear([frame]);
  looked.hear([frame]);
  await clock.pass(700);
  expect(rung).toEqual([]);
});

test("what is replayed after an absence does not ring", async () => {
  const bell = tab();
  bell.down();
  bell.hear([say(4), say(5), { type: "synced" } as ServerFrame, say(6)]);
  await clock.pass(700);
  expect(rung).toEqual([[6]]);
});

test.each([
  ["22:30", "22:00", "07:00", true],
  ["06:59", "22:00", "07:00", true],
  ["07:00", "22:00", "07:00", false],
  ["12:00", "09:00", "18:00", true],
  ["18:00", "09:00", "18:00", false],
  ["12:00", "", "", false],
])("at %s, with quiet hours from %s to %s, it is quiet: %s", (now, from, to, quiet) => {
  expect(isQuiet(now, from, to)).toBe(quiet);
});

test("a reply in a thread that I follow rings, unless I have read it there; in others it does not", async () => {
  const bell = tab();
  const thread = {
    message: 7,
    room: ROOM,
    read_seq: 3,
    unread: 0,
    counted_seq: 3,
    last_at: "2026-05-01T09:00:00.000Z",
  };
  state = run(state, { type: "local.threads", items: [thread] });
  bell.hear([say(4, { parent: 7, msg_no: null }), say(5, { parent: 8, msg_no: null })]);
  await clock.pass(700);
  expect(rung).toEqual([[4]]);
  bell.hear([say(6, { parent: 7, msg_no: null })]);
  state = run(state, { type: "local.thread_read", message: 7, seq: 6 });
  await clock.pass(700);
  expect(rung).toEqual([[4]]);
});
