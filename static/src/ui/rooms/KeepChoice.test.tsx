// @vitest-environment happy-dom
// How long a room keeps its messages: for admins alone, stored with the rest of the room's settings.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Keep, RoomRetention } from "../../net/actions";
import type { Me } from "../../protocol";
import { state } from "../../store/signals";
import { emptyState } from "../../store/state";
import { useLanguage } from "../../text/t";
import { type Reach, ReachContext } from "../actions";
import { KeepChoice, type Keeping, useKeeping } from "./KeepChoice";

const place = document.createElement("div");
let rule: RoomRetention;
let keeping: Keeping;
const roomRetention = vi.fn(async () => rule);
const retention = vi.fn(async () => ({ days: null, hold: null }));
const setRoomRetention = vi.fn(async (_room: number, keep: Keep, days: number | null) => ({
  ...rule,
  keep,
  days,
}));

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
  rule = { room: 5, keep: "workspace", days: null, hold: null, is_held: false };
  for (const mock of [roomRetention, retention, setRoomRetention]) mock.mockClear();
});

afterEach(() => act(() => render(null, place)));

function Stage() {
  keeping = useKeeping(5);
  return <KeepChoice keeping={keeping} />;
}

async function show(role: Me["role"] = "admin"): Promise<void> {
  state.value = emptyState({ id: 1, role } as Me);
  const reach = { actions: { roomRetention, retention, setRoomRetention } } as unknown as Reach;
  await act(async () =>
    render(
      <ReachContext.Provider value={reach}>
        <Stage />
      </ReachContext.Provider>,
      place,
    ),
  );
  // What was asked for may come after the first picture.
  if (role !== "member") await vi.waitFor(() => expect(keeping.rule).not.toBeNull());
}

const choose = (at: number): Promise<void> =>
  act(async () => place.querySelectorAll<HTMLInputElement>('input[type="radio"]')[at]!.click());

test("who runs the room but not the workspace sees nothing and asks for nothing", async () => {
  await show("member");
  expect(place.textContent).toBe("");
  expect(roomRetention).not.toHaveBeenCalled();
  await keeping.save();
  expect(setRoomRetention).not.toHaveBeenCalled();
});

test("what the workspace says stands beside its choice", async () => {
  await show();
  expect(place.textContent).toContain("As the workspace saysAt the moment: For ever.");
});

test("only what is something else is stored, and a bad number never", async () => {
  await show();
  await act(() => keeping.save());
  expect(setRoomRetention).not.toHaveBeenCalled();
  await choose(2);
  await act(async () => keeping.write("3"));
  expect(keeping.isBad).toBe(true);
  await act(async () => keeping.write("30"));
  expect(keeping.isBad).toBe(false);
  await act(() => keeping.save());
  expect(setRoomRetention).toHaveBeenCalledExactlyOnceWith(5, "days", 30);
  await act(() => keeping.save());
  expect(setRoomRetention).toHaveBeenCalledOnce();
  await choose(1);
  await act(() => keeping.save());
  expect(setRoomRetention).toHaveBeenLastCalledWith(5, "forever", null);
});
