// @vitest-environment happy-dom
// A name is stored trimmed, and what stands in its way is said below it.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ActionError } from "../../net/actions";
import { useLanguage } from "../../text/t";
import { dialog } from "../dialogs";
import { NamingDialog } from "./NamingDialog";

const place = document.createElement("div");
const onName = vi.fn((_name: string) => Promise.resolve());

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
  onName.mockReset().mockResolvedValue(undefined);
  dialog.value = { kind: "help" };
  act(() =>
    render(
      <NamingDialog
        title="A name"
        hint="Any"
        name=""
        maxLength={20}
        problemOf={(name) => (name.trim() === "" ? "It needs a name." : null)}
        onName={onName}
      />,
      place,
    ),
  );
});

afterEach(() => act(() => render(null, place)));

const find = <E extends HTMLElement>(selector: string): E | null => place.querySelector<E>(selector);
const said = (): string | undefined => find('[role="alert"]')?.textContent ?? undefined;

async function submit(name: string): Promise<void> {
  const field = find<HTMLInputElement>("input")!;
  await act(async () => {
    field.value = name;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await act(async () => find<HTMLButtonElement>('button[type="submit"]')!.click());
}

test("no name is told before anything is asked for", async () => {
  await submit("  ");
  expect([said(), onName.mock.calls.length]).toEqual(["It needs a name.", 0]);
});

test("a name is stored without the space around it, and the dialog goes", async () => {
  await submit(" Floor ");
  expect([onName.mock.calls, dialog.value]).toEqual([[["Floor"]], null]);
});

test("why it could not be stored is told, and the dialog stays", async () => {
  onName.mockRejectedValue(new ActionError("forbidden", "", false));
  await submit("Floor");
  expect(said()).toBeTruthy();
  expect(dialog.value).not.toBeNull();
});
