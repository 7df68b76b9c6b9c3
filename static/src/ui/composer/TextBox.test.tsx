// @vitest-environment happy-dom
// The keys of the text: what sends, what breaks the line, what belongs to the Korean keyboard.

import { render } from "preact";
import { useState } from "preact/hooks";
import { act } from "preact/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import type { Me, User } from "../../protocol";
import { state } from "../../store/signals";
import { emptyState } from "../../store/state";
import type { Reach } from "../actions";
import { ReachContext } from "../actions";
import { TextBox } from "./TextBox";

const person = (id: number, handle: string, name: string): User => ({
  id,
  handle,
  name,
  avatar: null,
  is_bot: false,
  status: "online",
  doing: null,
});
const me = { ...person(1, "me", "Me"), role: "member", email: "", language: "en", time_zone: "UTC" } as Me;
const send = vi.fn();
const up = vi.fn();

function Place() {
  const [text, setText] = useState("");
  const reach = {
    actions: {
      members: () => Promise.resolve([]),
      rest: { get: () => Promise.resolve({ items: [] }) },
    },
  } as unknown as Reach;
  return (
    <ReachContext.Provider value={reach}>
      <TextBox room={5} value={text} label="Text" onInput={setText} onSend={() => send(text)} onUp={up} />
    </ReachContext.Provider>
  );
}

function area(): HTMLTextAreaElement {
  return document.querySelector("textarea")!;
}

function write(text: string): void {
  act(() => {
    area().value = text;
    area().setSelectionRange(text.length, text.length);
    area().dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function press(key: string, fields: KeyboardEventInit & { keyCode?: number } = {}): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...fields });
  if (fields.keyCode !== undefined) Object.defineProperty(event, "keyCode", { value: fields.keyCode });
  act(() => {
    area().dispatchEvent(event);
  });
  return event.defaultPrevented;
}

beforeEach(() => {
  send.mockClear();
  up.mockClear();
  const people = [me, person(2, "mina", "Mina Park"), person(3, "jiwoo", "김지우")];
  state.value = { ...emptyState(me), users: new Map(people.map((user) => [user.id, user])) };
  document.body.innerHTML = "<div></div>";
  act(() => render(<Place />, document.querySelector("div")!));
});

test("Enter sends, Shift and Enter breaks the line", () => {
  write("hi");
  expect(press("Enter", { shiftKey: true })).toBe(false);
  expect(send).not.toHaveBeenCalled();
  expect(press("Enter")).toBe(true);
  expect(send).toHaveBeenCalledExactlyOnceWith("hi");
});

test("Enter that confirms a syllable sends nothing", () => {
  write("안녀");
  press("Enter", { isComposing: true });
  press("Enter", { keyCode: 229 });
  expect(send).not.toHaveBeenCalled();
  press("Enter");
  expect(send).toHaveBeenCalledOnce();
});

test("Arrow-Up edits only from an empty text", () => {
  press("ArrowUp");
  expect(up).toHaveBeenCalledOnce();
  write("words");
  press("ArrowUp");
  expect(up).toHaveBeenCalledOnce();
});

test("@ opens the list, arrows move in it, Enter takes the person instead of sending", () => {
  write("hi @");
  const options = [...document.querySelectorAll("[role=option]")];
  expect(options.map((option) => option.textContent)).toEqual([
    "MPMina Park@mina",
    "지우김지우@jiwoo",
    "@herecalls.here",
    "@roomcalls.room",
  ]);
  press("ArrowDown");
  expect(area().getAttribute("aria-activedescendant")).toBe(
    document.querySelector("[aria-selected=true]")!.id,
  );
  press("Enter");
  expect(area().value).toBe("hi @jiwoo ");
  expect(send).not.toHaveBeenCalled();
  expect(document.querySelector("[role=listbox]")).toBeNull();
});

test("Esc closes the list and keeps the text", () => {
  write("@mi");
  press("Escape");
  expect(document.querySelector("[role=listbox]")).toBeNull();
  expect(area().value).toBe("@mi");
  press("Enter");
  expect(send).toHaveBeenCalledExactlyOnceWith("@mi");
});
