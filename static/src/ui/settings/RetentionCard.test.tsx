// @vitest-environment happy-dom
// How long the workspace keeps messages: who sees it, what is stored, the hold, and what would go.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Going, GoingPage, Retention } from "../../net/actions";
import { ActionError } from "../../net/actions";
import type { Me } from "../../protocol";
import { state } from "../../store/signals";
import { emptyState } from "../../store/state";
import { useLanguage } from "../../text/t";
import { type Reach, ReachContext } from "../actions";
import { goingWords } from "./GoingList";
import { RetentionCard } from "./RetentionCard";

const HELD: Retention = { days: 30, hold: { by: 9, at: "2026-03-02T09:00:00.000Z" } };
const GOING: Going = {
  room: 3,
  name: "Garden",
  kind: "open",
  days: 30,
  is_held: false,
  messages: 1,
  files: 2,
  bytes: 1_048_576,
  file_bytes: 2_097_152,
};
let rule: Retention;
const place = document.createElement("div");
const retention = vi.fn(async () => rule);
const setRetention = vi.fn(async (days: number | null): Promise<Retention> => ({ ...rule, days }));
const holdWorkspace = vi.fn(async (on: boolean): Promise<Retention> => (on ? HELD : { ...HELD, hold: null }));
const going = vi.fn(async (_cursor: string | null): Promise<GoingPage> => ({ items: [], next: null }));

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
  rule = { days: 30, hold: null };
  for (const mock of [retention, setRetention, holdWorkspace, going]) mock.mockClear();
});

afterEach(() => act(() => render(null, place)));

async function show(role: Me["role"] = "admin"): Promise<void> {
  state.value = emptyState({ id: 1, role } as Me);
  const reach = { actions: { retention, setRetention, holdWorkspace, going } } as unknown as Reach;
  await act(async () =>
    render(
      <ReachContext.Provider value={reach}>
        <RetentionCard />
      </ReachContext.Provider>,
      place,
    ),
  );
}

const find = <E extends HTMLElement = HTMLElement>(selector: string): E => place.querySelector<E>(selector)!;
const button = (words: string): HTMLButtonElement =>
  [...place.querySelectorAll("button")].find((one) => one.textContent === words)!;
const radios = (): HTMLInputElement[] => [...place.querySelectorAll<HTMLInputElement>('input[type="radio"]')];
const submit = (): Promise<void> =>
  act(async () => void find("form").dispatchEvent(new SubmitEvent("submit")));
/** Press a button as soon as it can be pressed. */
async function press(words: string): Promise<void> {
  await vi.waitFor(() => expect(button(words).disabled).toBe(false));
  await act(async () => button(words).click());
}
async function write(text: string): Promise<void> {
  const field = find<HTMLInputElement>(".keeping-days");
  await act(async () => {
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
}

test("who does not run the workspace sees nothing and asks for nothing", async () => {
  await show("member");
  expect(place.textContent).toBe("");
  expect(retention).not.toHaveBeenCalled();
});

test("another number is stored, the same one and a bad one are not", async () => {
  await show();
  expect(find<HTMLInputElement>(".keeping-days").value).toBe("30");
  expect(button("Save").disabled).toBe(true);
  await write("6");
  expect(find('[role="alert"]').textContent).toContain("from 7 to");
  await submit();
  expect(setRetention).not.toHaveBeenCalled();
  await write("90");
  await submit();
  expect(setRetention).toHaveBeenCalledExactlyOnceWith(90);
  expect(button("Save").disabled).toBe(true);
});

test("for ever takes the number away", async () => {
  await show();
  await act(async () => radios()[0]!.click());
  expect(find(".keeping-days")).toBeNull();
  await submit();
  expect(setRetention).toHaveBeenCalledExactlyOnceWith(null);
});

test("a hold is set, says since when it stands, and is ended", async () => {
  await show();
  await press("Hold");
  expect(holdWorkspace).toHaveBeenLastCalledWith(true);
  expect(find(".keeping-held").textContent).toMatch(/^Held since .*2026/);
  await press("End the hold");
  expect(holdWorkspace).toHaveBeenLastCalledWith(false);
  expect(find(".keeping-held")).toBeNull();
});

test("what would go is counted when it is opened, and goes on where it ended", async () => {
  going.mockResolvedValueOnce({ items: [GOING], next: "c" });
  going.mockResolvedValueOnce({ items: [{ ...GOING, room: 4, name: "", is_held: true }], next: null });
  await show();
  expect(going).not.toHaveBeenCalled();
  await act(async () => {
    find<HTMLDetailsElement>("details").open = true;
    find("details").dispatchEvent(new Event("toggle"));
  });
  expect(find(".keeping-going li").textContent).toContain("Garden");
  await press("Look at more rooms");
  expect(going.mock.calls).toEqual([[null], ["c"]]);
  const rows = [...place.querySelectorAll(".keeping-going li")].map((row) => row.textContent);
  expect(rows[1]).toBe("Direct conversation1 message · 2 files · 3 MB · stays: on hold");
  expect(button("Look at more rooms")).toBeUndefined();
});

test("what cannot be read can be asked for again", async () => {
  retention.mockRejectedValueOnce(new ActionError("network", "", true));
  await show();
  expect(find(".failed").textContent).toContain("cannot be reached");
  await act(async () => find<HTMLButtonElement>(".failed button").click());
  expect(radios()).toHaveLength(2);
});

test("of too many files the size is a least one", () => {
  expect(goingWords({ ...GOING, messages: 1_200, file_bytes: null })).toBe(
    "1,200 messages · 2 files · at least 1 MB",
  );
});
