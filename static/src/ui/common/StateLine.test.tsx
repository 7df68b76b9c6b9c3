// @vitest-environment happy-dom
// The state line: which words at which state, how long a wait is told, and the way to end it.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Me } from "../../protocol";
import { state } from "../../store/signals";
import { emptyState, type Link } from "../../store/state";
import { useLanguage } from "../../text/t";
import { type Reach, ReachContext } from "../actions";
import { StateLine } from "./StateLine";

const tryNow = vi.fn();
const place = document.createElement("div");

beforeEach(async () => {
  vi.useFakeTimers();
  await useLanguage("en");
  document.body.replaceChildren(place);
  tryNow.mockReset();
  state.value = emptyState({ id: 1 } as Me);
  const reach = { actions: { tryNow } } as unknown as Reach;
  act(() =>
    render(
      <ReachContext.Provider value={reach}>
        <StateLine />
      </ReachContext.Provider>,
      place,
    ),
  );
});

afterEach(() => {
  act(() => render(null, place));
  vi.useRealTimers();
});

function show(link: Link, degraded: string[] = []): void {
  act(() => {
    state.value = { ...state.value, link, degraded };
  });
  act(() => void vi.advanceTimersByTime(700));
}

function wait(inMs: number, code = 1006): void {
  show({ kind: "reconnecting", attempt: 3, retryAt: Date.now() + inMs, code });
}

const line = (): string => document.querySelector(".state-line p")?.textContent ?? "";
const button = (): HTMLButtonElement | null => document.querySelector(".state-line button");

test.each([
  [1006, "Reconnecting…"],
  [1012, "Reconnecting…"],
  [4200, "The server is very busy. We will try again soon; what you write is kept."],
  [4201, "The server is very busy. We will try again soon; what you write is kept."],
  [4202, "Too many windows of this account are open. Close one, then try again."],
])("a connection lost by %i is told as what it is", (code, words) => {
  wait(500, code);
  expect(line()).toBe(words);
});

test("a long wait is counted down, silently for a screen reader, and can be ended", () => {
  wait(8_000);
  const left = document.querySelector(".state-line-left")!;
  expect([left.textContent, left.getAttribute("aria-hidden")]).toEqual(["8 s", "true"]);
  act(() => void vi.advanceTimersByTime(2_000));
  expect(left.textContent).toBe("6 s");
  button()!.click();
  expect(tryNow).toHaveBeenCalledOnce();
  act(() => void vi.advanceTimersByTime(6_000));
  expect(button()).toBeNull();
});

test("a short wait is not worth a button", () => {
  wait(3_000);
  expect([line(), button()]).toEqual(["Reconnecting…", null]);
});

test("a wait that is cut short takes its countdown along", () => {
  wait(8_000);
  wait(0);
  expect([line(), button()]).toEqual(["Reconnecting…", null]);
});

test("offline is told at once", () => {
  act(() => {
    state.value = { ...state.value, link: { kind: "offline" } };
  });
  expect(line()).toBe("Offline: what you write is kept and sent later.");
});

test("a server without its database is told while it is there, and one without Redis is not", () => {
  show({ kind: "online" }, ["redis"]);
  expect(line()).toBe("");
  show({ kind: "online" }, ["redis", "db"]);
  expect(line()).toBe("Messages wait on this device until the server can store them again.");
  show({ kind: "offline" }, ["db"]);
  expect(line()).toBe("Offline: what you write is kept and sent later.");
  show({ kind: "stopped", code: 4502 }, ["db"]);
  expect(line()).toBe("This account has been disabled. Ask the people who run this workspace.");
});
