// @vitest-environment happy-dom
// Asking for one's data, watching it being made, fetching it; and what who runs the workspace sees beside.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ActionError, type Export } from "../../net/actions";
import type { Me } from "../../protocol";
import { state } from "../../store/signals";
import { emptyState } from "../../store/state";
import { useLanguage } from "../../text/t";
import { type Reach, ReachContext } from "../actions";
import { DataCard } from "./DataCard";

const row: Export = {
  id: 7,
  kind: "own",
  directs: false,
  reason: "",
  by: { id: 1, handle: "bob", name: "Bob", avatar: null, is_bot: false },
  state: "waiting",
  failure: null,
  step: "",
  percent: 0,
  rows: 0,
  bytes: 0,
  created_at: "2026-03-02T09:00:00.000Z",
  ended_at: null,
  expires_at: null,
  downloads: 0,
  downloaded_at: null,
  download: null,
};
const running: Export = { ...row, state: "running", step: "messages", percent: 42 };
const ready: Export = {
  ...row,
  state: "ready",
  percent: 100,
  bytes: 12_345_678,
  expires_at: "2026-03-09T09:00:00.000Z",
  download: "/api/v1/exports/7/file?key=k",
};

let served: Export[] = [];
const exports = vi.fn(() => Promise.resolve(served));
const exportsOfWorkspace = vi.fn(() => Promise.resolve(served));
const askForExport = vi.fn(() => Promise.resolve(row));
const removeExport = vi.fn(() => Promise.resolve());
const place = document.createElement("div");

beforeEach(async () => {
  vi.useFakeTimers();
  await useLanguage("en");
  document.body.replaceChildren(place);
  for (const mock of [exports, exportsOfWorkspace, askForExport, removeExport]) mock.mockClear();
});

afterEach(() => {
  act(() => render(null, place));
  vi.useRealTimers();
});

async function settle(passMs = 0): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(passMs);
  });
}

async function show(
  items: Export[],
  role: Me["role"] = "member",
  of: "own" | "workspace" = "own",
): Promise<void> {
  served = items;
  state.value = emptyState({ id: 1, role } as Me);
  const actions = { exports, exportsOfWorkspace, askForExport, removeExport };
  act(() =>
    render(
      <ReachContext.Provider value={{ actions } as unknown as Reach}>
        <DataCard of={of} />
      </ReachContext.Provider>,
      place,
    ),
  );
  await settle();
}

const find = <E extends HTMLElement = HTMLElement>(selector: string): E => place.querySelector<E>(selector)!;
const button = (words: string): HTMLButtonElement =>
  [...place.querySelectorAll("button")].find((one) => one.textContent === words)!;
const press = async (words: string): Promise<void> => {
  button(words).click();
  await settle();
};

test("one asks, sees how far it is, hears that it is ready and gets the file", async () => {
  await show([]);
  served = [row];
  await press("Export my data");
  expect(askForExport).toHaveBeenCalledExactlyOnceWith({ kind: "own" });
  expect(button("Export my data").disabled).toBe(true);
  expect(find(".export-step").textContent).toBe("Waiting for its turn");
  served = [running];
  await settle(1_500);
  const bar = find<HTMLProgressElement>("progress");
  expect([bar.value, bar.max]).toEqual([42, 100]);
  expect(document.getElementById(bar.getAttribute("aria-labelledby")!)!.textContent).toContain("My data");
  expect(document.getElementById(bar.getAttribute("aria-describedby")!)!.textContent).toBe("42% · Messages");
  expect(find('[role="status"]').textContent).toBe("");
  served = [ready];
  await settle(1_500);
  expect(find("progress")).toBeNull();
  expect(find('[role="status"]').textContent).toBe("The export is ready to download.");
  const link = find<HTMLAnchorElement>("a.button");
  expect([link.getAttribute("href"), link.textContent]).toEqual([ready.download, "Download (11.8 MB)"]);
  expect(button("Export my data").disabled).toBe(false);
});

test("what rests is not asked for every second, and a page out of sight asks for nothing", async () => {
  await show([ready]);
  await settle(60_000);
  expect(exports).toHaveBeenCalledOnce();
  await settle(20 * 60_000);
  expect(exports).toHaveBeenCalledTimes(2);
  await show([running]);
  const before = exports.mock.calls.length;
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  await settle(10_000);
  expect(exports).toHaveBeenCalledTimes(before);
  hidden.mockRestore();
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(exports).toHaveBeenCalledTimes(before + 1);
});

test("cancelled in the middle it goes, and the focus is not lost", async () => {
  await show([running]);
  served = [{ ...running, state: "cancelled" }];
  button("Cancel the export").focus();
  await press("Cancel the export");
  expect(removeExport).toHaveBeenCalledExactlyOnceWith(7);
  expect(find(".export")).toBeNull();
  expect(document.activeElement).toBe(find("h2"));
  expect(find('[role="status"]').textContent).toBe("The export was cancelled.");
});

test("one that has failed says why, until there is a newer one", async () => {
  const failed: Export = { ...row, state: "failed", failure: "disk_full" };
  await show([failed]);
  expect(find(".export-failed").textContent).toContain("not enough room on the server's disk");
  await show([{ ...ready, id: 8 }, failed]);
  expect(find(".export-failed")).toBeNull();
  await show([{ ...failed, failure: "something_new" }]);
  expect(find(".export-failed").textContent).toBe("something_new");
});

test("one that was asked for in another window is shown, and a refusal is told", async () => {
  await show([]);
  askForExport.mockRejectedValueOnce(new ActionError("conflict", "", false));
  served = [row];
  await press("Export my data");
  expect(find("progress")).not.toBeNull();
  await show([]);
  askForExport.mockRejectedValueOnce(new ActionError("too_many", "3 are kept, at most 3", false));
  await settle(1_500);
  await press("Export my data");
  expect(find(".field-error").textContent).toContain("3 are kept, at most 3");
});

test("a list that cannot be read can be asked for again", async () => {
  exports.mockRejectedValueOnce(new ActionError("network", "", true));
  await show([ready]);
  expect(find(".failed").textContent).toContain("cannot be reached");
  expect(button("Export my data").disabled).toBe(true);
  await press("Retry");
  expect(find("a.button")).not.toBeNull();
});

test("the workspace is there for who runs it, and conversations for its owner who says why", async () => {
  await show([], "admin");
  expect(find(".exports-workspace")).toBeNull();
  await show([], "admin", "workspace");
  expect(place.textContent).not.toContain("Export my data");
  expect(find("input[type=checkbox]")).toBeNull();
  await press("Export the workspace");
  expect(askForExport).toHaveBeenLastCalledWith({ kind: "workspace" });
  await show([], "owner", "workspace");
  act(() => find("input[type=checkbox]").click());
  expect(button("Export the workspace").disabled).toBe(true);
  const reason = find<HTMLInputElement>("input[type=text]");
  expect(find(`label[for="${reason.id}"]`).textContent).toBe("Why is that needed?");
  act(() => {
    reason.value = " a court has asked ";
    reason.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await press("Export the workspace");
  expect(askForExport).toHaveBeenLastCalledWith({
    kind: "workspace",
    directs: true,
    reason: "a court has asked",
  });
});

test("who runs the workspace can see who has taken it", async () => {
  await show([], "admin", "workspace");
  served = [{ ...ready, kind: "workspace", directs: true, reason: "a court has asked", downloads: 2 }];
  const details = find<HTMLDetailsElement>("details");
  act(() => {
    details.open = true;
    details.dispatchEvent(new Event("toggle"));
  });
  await settle();
  expect(find(".exports-taken li").textContent).toMatch(
    /^Bob · .* · ready · with direct conversations: a court has asked · downloaded 2 times$/,
  );
});
