// What keys do with the message that has the focus, or with the one that takes it.
import type { Actions } from "../../net/actions";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import { copyText } from "../common/copy";
import { dialog } from "../dialogs";
import { messagePath } from "../marks/place";
import { go, roomPath } from "../route";
import { me, rightsOf } from "../selectors";
import { editing } from "../timeline/editing";
import { messageRights } from "../timeline/rights";
import { shownApart } from "../unread/shown";

const ROW = "article[data-key][tabindex]";

/** Go to the message below. */
export function next(_: Actions, event: KeyboardEvent): boolean {
  return move(event, 1);
}

/** Go to the message above. */
export function previous(_: Actions, event: KeyboardEvent): boolean {
  return move(event, -1);
}

/** Open the thread of a message; in a thread, write. */
export function reply(): boolean {
  return withMessage((message, row) => {
    const field = row.closest("aside, #main.panel")?.querySelector<HTMLElement>(".composer textarea");
    if (field) field.focus();
    else go(roomPath(message.room, { kind: "thread", message: message.parent ?? message.id }));
  });
}

/** Edit my own message. */
export function edit(): boolean {
  return withMessage((message) => {
    if (rights(message).edit) editing.value = message.id;
  });
}

/** Open the picker of reactions. */
export function react(): boolean {
  return withMessage((_, row) =>
    row.querySelector<HTMLElement>(".message-tools [aria-haspopup=dialog]")?.click(),
  );
}

/** Copy what it says. */
export function copy(): boolean {
  return withMessage((message) => void copyText(message.body));
}

/** Ask whether to delete it. */
export function remove(): boolean {
  return withMessage((message) => {
    if (rights(message).remove) dialog.value = { kind: "delete_message", message };
  });
}

/** From a list across rooms to its place; in a room, to its thread. */
export function open(): boolean {
  return withMessage((message, row) => {
    if (row.closest("[data-list-of-messages]")) go(messagePath(message));
    else if (row.closest("[role=log]"))
      go(roomPath(message.room, { kind: "thread", message: message.parent ?? message.id }));
  });
}

function move(event: KeyboardEvent, step: 1 | -1): boolean {
  const at = focused();
  // Arrows are the list's own, and everybody else's where no message has the focus.
  if (event.key.startsWith("Arrow") && !at?.closest("[data-list-of-messages]")) return false;
  const list = at?.closest(LIST) ?? document.querySelector(`#main ${LIST}, main${LIST}`);
  if (!list) return false;
  const rows = [...list.querySelectorAll<HTMLElement>(ROW)];
  const to = at ? rows[rows.indexOf(at) + step] : firstInSight(list, rows, step);
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
  return to !== undefined || at !== null;
}

const LIST = ":is([role=log], [data-list-of-messages])";

/** Without a focus, k begins with the last row that is seen and j with the first. */
function firstInSight(list: Element, rows: readonly HTMLElement[], step: 1 | -1): HTMLElement | undefined {
  const { top, bottom } = list.getBoundingClientRect();
  const seen = rows.filter((row) => {
    const box = row.getBoundingClientRect();
    return box.top >= top - 1 && box.bottom <= bottom + 1;
  });
  return (step === 1 ? seen[0] : seen.at(-1)) ?? rows.at(-1);
}

function focused(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>(ROW) ?? null;
}

function withMessage(run: (message: Message, row: HTMLElement) => void): boolean {
  const row = focused();
  const message = row ? messageOf(Number(row.dataset.key?.replace("m-", ""))) : undefined;
  if (!row || !message) return false;
  run(message, row);
  return true;
}

function messageOf(id: number): Message | undefined {
  const { rooms, thread } = state.peek();
  const inThread = [thread?.first, ...(thread?.replies ?? [])].find((message) => message?.id === id);
  if (inThread) return inThread;
  for (const { timeline } of rooms.values()) {
    const found = timeline.messages.find((message) => message.id === id);
    if (found) return found;
  }
  return shownApart(id);
}

function rights(message: Message): { edit: boolean; remove: boolean } {
  const room = state.peek().rooms.get(message.room);
  if (!room) return { edit: false, remove: false };
  return messageRights(message, rightsOf(room.state, me.peek().role), me.peek().id);
}
