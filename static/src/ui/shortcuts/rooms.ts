// What keys and commands do with rooms.
import type { Actions } from "../../net/actions";
import { columnOf, PLAIN } from "../../store/sidebar";
import { roomList, state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { toast } from "../common/toasts";
import { endSelection, selection } from "../marks/selection";
import { back, go, roomPath, route } from "../route";

/** Go to the search, with the focus in its text. */
export function goToSearch(): boolean {
  if (route.value.place !== "search") go("/search/");
  document.querySelector<HTMLInputElement>("[data-search-field]")?.focus();
  return true;
}

/** The rooms that I am in, in the order of the left column. */
export function mine(): Room[] {
  return roomList.value.filter((room) => room.state.role !== null);
}

/** Those of them with something unread, without the muted ones that do not name me. */
export function unread(): Room[] {
  return mine().filter(
    ({ state: { unread: count, mentions, level } }) => count > 0 && (level !== "none" || mentions > 0),
  );
}

/** The room that is open. */
export function current(): Room | undefined {
  return route.value.place === "room" ? state.value.rooms.get(route.value.room) : undefined;
}

/** Go to the room before or behind this one in the left column; or to the next one with something unread. */
export function goToNeighbour(step: 1 | -1, onlyUnread = false): boolean {
  const open = current();
  const sidebar = state.value.sidebar ?? PLAIN;
  // What is unread is gone to wherever it stands.
  const all = columnOf(
    roomList.value,
    onlyUnread ? { ...sidebar, folded: [], only_unread: false } : sidebar,
    open?.state.id ?? null,
  );
  const at = open ? all.indexOf(open) : -1;
  for (let far = 1; far <= all.length; far++) {
    const from = at === -1 && step === -1 ? 0 : at;
    const room = all[(from + step * far + all.length * 2) % all.length];
    if (!room || room === open) continue;
    if (onlyUnread && !unread().includes(room)) continue;
    go(roomPath(room.state.id));
    return true;
  }
  return true;
}

/** Leave a selection; else mark the open room as read; where it is read, the focus goes to where one writes. */
export function markRead(actions: Actions): boolean {
  const room = current();
  if (selection.value) {
    // Who chooses messages leaves that first.
    endSelection();
    return true;
  }
  if (!room) return false;
  if (room.state.unread > 0) {
    actions.markRead(room.state.id, room.state.last_msg_no);
    return true;
  }
  const field = document.querySelector<HTMLElement>("#main .composer textarea");
  field?.focus();
  return field !== null;
}

/** Mark all rooms as read, muted ones too. */
export function markAllRead(actions: Actions): boolean {
  const rooms = mine().filter((room) => room.state.unread > 0);
  for (const { state: room } of rooms) actions.markRead(room.id, room.last_msg_no);
  toast(rooms.length > 0 ? t("all_unread.all_marked", { n: rooms.length }) : t("all_unread.none"));
  return true;
}

/** Show who is in the open room, or close it. */
export function toggleMembers(): boolean {
  const room = current();
  if (!room || route.value.place !== "room") return false;
  const path = roomPath(room.state.id);
  if (route.value.panel?.kind === "members") back(path);
  else go(roomPath(room.state.id, { kind: "members" }));
  return true;
}
