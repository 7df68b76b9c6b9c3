// @vitest-environment happy-dom
// Deleting my account: what is asked, what is sent, and why it is still there when it is.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ActionError } from "../../net/actions";
import type { Me } from "../../protocol";
import { state } from "../../store/signals";
import { emptyState } from "../../store/state";
import { useLanguage } from "../../text/t";
import { type Reach, ReachContext } from "../actions";
import { EraseMeDialog } from "./EraseMeDialog";

const place = document.createElement("div");
const eraseMe = vi.fn((_password: string, _messages: string) => Promise.resolve());

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
  eraseMe.mockReset().mockResolvedValue(undefined);
});

afterEach(() => act(() => render(null, place)));

function show(role: Me["role"] = "member"): void {
  state.value = emptyState({ id: 1, role } as Me);
  const reach = { actions: { eraseMe } } as unknown as Reach;
  act(() =>
    render(
      <ReachContext.Provider value={reach}>
        <EraseMeDialog />
      </ReachContext.Provider>,
      place,
    ),
  );
}

const find = <E extends HTMLElement = HTMLElement>(selector: string): E => place.querySelector<E>(selector)!;
const submit = (): HTMLButtonElement => find<HTMLButtonElement>('button[type="submit"]');
const said = (): string => find('[role="alert"]')?.textContent ?? "";

async function fill(password: string, messages: "keep" | "remove" = "keep"): Promise<void> {
  const field = find<HTMLInputElement>('input[type="password"]');
  await act(async () => {
    field.value = password;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const [keep, remove] = [...place.querySelectorAll<HTMLInputElement>('input[type="radio"]')];
    (messages === "keep" ? keep! : remove!).click();
  });
}

const press = (): Promise<void> =>
  act(async () => void find("form").dispatchEvent(new SubmitEvent("submit")));

test("nothing is sent without a password, and messages stay unless one says otherwise", async () => {
  show();
  expect(submit().disabled).toBe(true);
  await press();
  expect(eraseMe).not.toHaveBeenCalled();
  await fill("secret");
  expect(submit().disabled).toBe(false);
  await press();
  expect(eraseMe).toHaveBeenCalledExactlyOnceWith("secret", "keep");
});

test("a second press while it is under way is no second order", async () => {
  eraseMe.mockReturnValue(new Promise(() => undefined));
  show();
  await fill("secret", "remove");
  await press();
  await press();
  expect(eraseMe).toHaveBeenCalledExactlyOnceWith("secret", "remove");
  expect(submit().getAttribute("aria-busy")).toBe("true");
});

test("a wrong password is said at its field, and one may try again", async () => {
  eraseMe.mockRejectedValueOnce(new ActionError("forbidden", "", false));
  show();
  await fill("wrong");
  await press();
  expect(said()).toBe("This is not your password.");
  expect(find("input[type='password']").getAttribute("aria-invalid")).toBe("true");
  await press();
  expect(eraseMe).toHaveBeenCalledTimes(2);
});

test.each([
  ["member", "remove", "conflict", "A legal hold keeps your messages"],
  ["owner", "keep", "conflict", "Nobody else could run the workspace"],
  ["admin", "remove", "conflict", "Not possible now"],
  ["member", "keep", "rate_limited", "Too many tries"],
  ["member", "keep", "network", "cannot be reached"],
] as const)("a %s who chose %s and is refused with %s hears why", async (role, messages, code, words) => {
  eraseMe.mockRejectedValueOnce(new ActionError(code, "", false));
  show(role);
  await fill("secret", messages);
  await press();
  expect(said()).toContain(words);
  expect(submit().disabled).toBe(false);
});
