// Keys that work everywhere on the page.
import { roomList } from "../store/signals";
import { dialog, openDialog } from "./dialogs";
import { isComposing, isTyping } from "./keys";
import { go, roomPath, route } from "./route";

/** Listen from now on. */
export function startShortcuts(): () => void {
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || isComposing(event)) return;
  const isMod = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  // The code, because a Korean keyboard gives ㅏ for the same key.
  if (isMod && event.code === "KeyK") {
    event.preventDefault();
    if (dialog.value?.kind === "switcher") dialog.value = null;
    else if (!dialog.value) openDialog("switcher");
    return;
  }
  if (dialog.value) return;
  const isSearch =
    (event.ctrlKey || event.metaKey) && event.shiftKey && !event.altKey && event.code === "KeyF";
  if (
    isSearch ||
    (event.key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey)
  ) {
    event.preventDefault();
    goToSearch();
    return;
  }
  if (
    event.altKey &&
    !event.ctrlKey &&
    !event.metaKey &&
    (event.key === "ArrowUp" || event.key === "ArrowDown")
  ) {
    event.preventDefault();
    goToNeighbour(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "?" && !isTyping(event.target)) {
    event.preventDefault();
    openDialog("help");
  }
}

function goToSearch(): void {
  if (route.value.place !== "search") go("/search/");
  document.querySelector<HTMLInputElement>("[data-search-field]")?.focus();
}

function goToNeighbour(step: 1 | -1): void {
  const rooms = roomList.value.filter((room) => room.state.role !== null);
  const openId = route.value.place === "room" ? route.value.room : null;
  const at = rooms.findIndex((room) => room.state.id === openId);
  const from = at === -1 && step === -1 ? 0 : at;
  const next = rooms[(from + step + rooms.length) % rooms.length];
  if (next) go(roomPath(next.state.id));
}
