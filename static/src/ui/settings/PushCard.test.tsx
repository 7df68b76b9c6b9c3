// @vitest-environment happy-dom
// The switch for notifications: what each state says and offers.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ActionError, type PushState } from "../../net/actions";
import { useLanguage } from "../../text/t";
import { type Reach, ReachContext } from "../actions";
import { toasts } from "../common/toasts";
import { PushCard } from "./PushCard";

const place = document.createElement("div");
const switchPush = vi.fn(async (on: boolean): Promise<PushState> => (on ? "on" : "off"));
const testPush = vi.fn(async () => undefined);

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
  toasts.value = [];
  switchPush.mockClear();
  testPush.mockClear();
});

afterEach(() => act(() => render(null, place)));

async function show(state: PushState): Promise<void> {
  const reach = { actions: { pushState: async () => state, switchPush, testPush } } as unknown as Reach;
  await act(async () =>
    render(
      <ReachContext.Provider value={reach}>
        <PushCard />
      </ReachContext.Provider>,
      place,
    ),
  );
  await idle();
}

/** The state is known, and nothing is under way any more. */
const idle = (): Promise<void> =>
  vi.waitFor(() => {
    expect(said()).not.toBe("");
    expect([...place.querySelectorAll("button")].filter((button) => button.disabled)).toEqual([]);
  });

const said = (): string => place.querySelector(".field-hint")?.textContent ?? "";
const buttons = (): string[] =>
  [...place.querySelectorAll("button")].map((button) => button.textContent ?? "");
async function press(words: string): Promise<void> {
  const found = [...place.querySelectorAll("button")].find((button) => button.textContent === words);
  await act(async () => found!.click());
  await idle();
}

test.each([
  ["unsupported", /cannot show notifications/],
  ["server_off", /server sends no notifications/],
  ["blocked", /blocks notifications/],
] as const)("%s is told, and nothing can be pressed", async (state, words) => {
  await show(state);
  expect(said()).toMatch(words);
  expect(buttons()).toEqual([]);
});

test("off can be switched on, and then tested and switched off", async () => {
  await show("off");
  expect([said().slice(0, 7), buttons()]).toEqual(["Be told", ["Switch on"]]);
  await press("Switch on");
  expect([said().slice(0, 11), buttons()]).toEqual(["This device", ["Switch off", "Send a test"]]);
  await press("Send a test");
  expect([testPush.mock.calls.length, toasts.value.map(({ text }) => text)]).toEqual([
    1,
    ["On its way. It should appear in a moment."],
  ]);
  await press("Switch off");
  expect([switchPush.mock.calls, buttons()]).toEqual([[[true], [false]], ["Switch on"]]);
});

test("a browser that says no when asked is told as blocked", async () => {
  switchPush.mockResolvedValueOnce("blocked");
  await show("off");
  await press("Switch on");
  expect([said(), buttons()]).toEqual([expect.stringMatching(/blocks notifications/), []]);
});

test("a failure is told where it happened, and the switch stays", async () => {
  switchPush.mockRejectedValueOnce(new ActionError("push_failed", "AbortError", false));
  await show("off");
  await press("Switch on");
  expect(place.querySelector("[role=alert]")?.textContent).toMatch(
    /could not reach its push service.*AbortError/,
  );
  expect(buttons()).toEqual(["Switch on"]);
});
