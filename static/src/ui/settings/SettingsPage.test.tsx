// @vitest-environment happy-dom
// The settings as a list and a section: what is shown to whom, at which width, and at which address.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Me } from "../../protocol";
import { state } from "../../store/signals";
import { emptyState } from "../../store/state";
import { useLanguage } from "../../text/t";
import { type Reach, ReachContext } from "../actions";
import { layout } from "../layout";
import SettingsPage from "./SettingsPage";
import { SECTIONS, sectionsOf } from "./sections";

const place = document.createElement("div");
// What a section reads never comes: only what stands around it is looked at here.
const never = (): Promise<never> => new Promise(() => undefined);
const actions = { profile: never, retention: never };
const reach = { actions, config: { settings: {} } } as unknown as Reach;

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
});

afterEach(() => act(() => render(null, place)));

function show(section: string | null, width: typeof layout.value, role: Me["role"] = "member"): void {
  layout.value = width;
  state.value = emptyState({ id: 1, role, name: "Alice", handle: "alice", email: "", avatar: null } as Me);
  act(() =>
    render(
      <ReachContext.Provider value={reach}>
        <SettingsPage section={section} />
      </ReachContext.Provider>,
      place,
    ),
  );
}

const links = (): string[] =>
  [...place.querySelectorAll(".settings-link")].map((link) => link.textContent ?? "");
const current = (): string | undefined =>
  place.querySelector('.settings-link[aria-current="page"]')?.textContent ?? undefined;
const title = (): string => place.querySelector("h1")?.textContent ?? "";

test("with room for both, the list stands beside the first section or the named one", () => {
  show(null, "wide");
  expect([title(), current()]).toEqual(["Settings", "Profile"]);
  show("appearance", "wide");
  expect([title(), current()]).toEqual(["Settings", "Language and look"]);
  expect(place.querySelector(".settings h2")?.textContent).toBe("Language");
});

test("on a phone the list comes first, then the section under its own name", () => {
  show(null, "phone");
  expect([title(), links().length > 3, place.querySelector(".settings")]).toEqual(["Settings", true, null]);
  show("appearance", "phone");
  expect([title(), links()]).toEqual(["Language and look", []]);
});

test("what is for admins alone is shown to them, and its address leads others to the first section", () => {
  show("workspace", "wide");
  expect([current(), links().includes("Workspace")]).toEqual(["Profile", false]);
  expect(sectionsOf({ role: "admin" } as Me).map(({ id }) => id)).toContain("workspace");
});

test("each section has an address of its own that the router reads", () => {
  const ids = SECTIONS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z-]{1,40}$/.test(id))).toEqual([]);
});
