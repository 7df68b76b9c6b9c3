// Every key of the page, in one table: what listens and the help sheet are both made of it.
import type { Actions } from "../../net/actions";
import type { Key } from "../../text/t";
import { dialog, openDialog } from "../dialogs";
import { go } from "../route";
import * as messages from "./messages";
import { nextPart } from "./parts";
import * as rooms from "./rooms";

export type Group = "places" | "rooms" | "messages" | "writing" | "page";

export interface Shortcut {
  group: Group;
  /** Each is a way to press it. */
  keys: readonly string[];
  text: Key;
  /** False where there is nothing to do: the key is then the browser's. Without it, a field does it by itself. */
  run?: (actions: Actions, event: KeyboardEvent) => boolean;
  /** Also while a dialog is open. */
  always?: boolean;
}

const to = (path: string) => (): boolean => {
  go(path);
  return true;
};
const open = (kind: Parameters<typeof openDialog>[0]) => (): boolean => {
  openDialog(kind);
  return true;
};

export const GROUPS: readonly Group[] = ["places", "rooms", "messages", "writing", "page"];

export const SHORTCUTS: readonly Shortcut[] = [
  { group: "places", keys: ["Mod+K"], text: "help.switcher", run: toggleSwitcher, always: true },
  { group: "places", keys: ["/", "Mod+Shift+F"], text: "help.search", run: () => rooms.goToSearch() },
  { group: "places", keys: ["Mod+Shift+A"], text: "help.unread", run: to("/unread/") },
  { group: "places", keys: ["Mod+Shift+M"], text: "help.mentions", run: to("/mentions/") },
  { group: "places", keys: ["Mod+Shift+K"], text: "help.direct", run: open("direct") },
  { group: "places", keys: ["Mod+Shift+L"], text: "help.browse", run: to("/rooms/") },
  { group: "places", keys: ["Mod+,"], text: "help.settings", run: to("/settings/") },
  { group: "places", keys: ["Alt+ArrowLeft"], text: "help.back" },
  { group: "places", keys: ["Alt+ArrowRight"], text: "help.forward" },

  { group: "rooms", keys: ["Alt+ArrowUp"], text: "help.previous_room", run: () => rooms.goToNeighbour(-1) },
  { group: "rooms", keys: ["Alt+ArrowDown"], text: "help.next_room", run: () => rooms.goToNeighbour(1) },
  {
    group: "rooms",
    keys: ["Alt+Shift+ArrowUp"],
    text: "help.previous_unread",
    run: () => rooms.goToNeighbour(-1, true),
  },
  {
    group: "rooms",
    keys: ["Alt+Shift+ArrowDown"],
    text: "help.next_unread",
    run: () => rooms.goToNeighbour(1, true),
  },
  { group: "rooms", keys: ["Escape"], text: "help.read", run: rooms.markRead },
  { group: "rooms", keys: ["Shift+Escape"], text: "help.read_all", run: rooms.markAllRead },
  { group: "rooms", keys: ["Mod+."], text: "help.members", run: () => rooms.toggleMembers() },

  { group: "messages", keys: ["J", "ArrowDown"], text: "help.next_message", run: messages.next },
  { group: "messages", keys: ["K", "ArrowUp"], text: "help.previous_message", run: messages.previous },
  { group: "messages", keys: ["R"], text: "help.reply", run: messages.reply },
  { group: "messages", keys: ["E"], text: "help.edit", run: messages.edit },
  { group: "messages", keys: ["+"], text: "help.react", run: messages.react },
  { group: "messages", keys: ["C"], text: "help.copy", run: messages.copy },
  { group: "messages", keys: ["Delete"], text: "help.delete", run: messages.remove },
  { group: "messages", keys: ["Enter"], text: "help.open_message", run: messages.open },

  { group: "writing", keys: ["Enter"], text: "help.send" },
  { group: "writing", keys: ["Shift+Enter"], text: "help.line" },
  { group: "writing", keys: ["ArrowUp"], text: "help.edit_last" },
  { group: "writing", keys: ["@"], text: "help.mention" },
  { group: "writing", keys: ["Shift+Tab"], text: "help.to_messages" },

  { group: "page", keys: ["F6"], text: "help.next_part", run: () => nextPart(1) },
  { group: "page", keys: ["Shift+F6"], text: "help.previous_part", run: () => nextPart(-1) },
  { group: "page", keys: ["Escape"], text: "help.close" },
  { group: "page", keys: ["?", "Mod+/"], text: "help.help", run: open("help") },
];

function toggleSwitcher(): boolean {
  if (dialog.value?.kind === "switcher") dialog.value = null;
  else if (!dialog.value) openDialog("switcher");
  return true;
}
