// What the page can do, by name: the quick switcher offers it. A row here is all that a new one needs.
import {
  AtSign,
  Bell,
  CheckCheck,
  CircleQuestionMark,
  Clock,
  Compass,
  House,
  Inbox,
  LogOut,
  type LucideIcon,
  MessageCirclePlus,
  Monitor,
  Moon,
  Search,
  Settings,
  Sun,
  UserPlus,
  UsersRound,
} from "lucide-preact";
import type { Actions } from "../net/actions";
import type { Key } from "../text/t";
import { tell } from "./common/toasts";
import { dialog, openDialog } from "./dialogs";
import { chooseTheme, themeChoice } from "./remembered";
import { go } from "./route";
import { me, rightsOf } from "./selectors";
import { current, goToSearch, markAllRead, markRead, mine, toggleMembers } from "./shortcuts/rooms";

export interface PageCommand {
  /** Never changes: what was chosen last is remembered by it. */
  id: string;
  icon: LucideIcon;
  text: Key;
  /** Other words by which it is found. */
  words?: Key;
  /** Its keys in the table of shortcuts, shown beside it. */
  keys?: string;
  /** Left out where it cannot be done. */
  isOffered?: () => boolean;
  run: (actions: Actions) => void;
}

const isNoGuest = (): boolean => me.value.role !== "guest";
const hasRoom = (): boolean => current()?.state.role != null;
const runsRoom = (): boolean => {
  const room = current();
  return room !== undefined && rightsOf(room.state, me.value.role).run;
};

export const COMMANDS: readonly PageCommand[] = [
  { id: "unread", icon: Inbox, text: "help.unread", keys: "Mod+Shift+A", run: () => go("/unread/") },
  { id: "mentions", icon: AtSign, text: "help.mentions", keys: "Mod+Shift+M", run: () => go("/mentions/") },
  { id: "search", icon: Search, text: "help.search", keys: "/", run: () => void goToSearch() },
  { id: "later", icon: Clock, text: "command.later", words: "command.later_words", run: () => go("/later/") },
  {
    id: "read_all",
    icon: CheckCheck,
    text: "help.read_all",
    keys: "Shift+Escape",
    isOffered: () => mine().some((room) => room.state.unread > 0),
    run: (actions) => void markAllRead(actions),
  },
  {
    id: "read",
    icon: CheckCheck,
    text: "help.read",
    keys: "Escape",
    isOffered: () => (current()?.state.unread ?? 0) > 0,
    run: (actions) => void markRead(actions),
  },
  {
    id: "members",
    icon: UsersRound,
    text: "help.members",
    keys: "Mod+.",
    isOffered: hasRoom,
    run: toggleMembers,
  },
  {
    id: "room_settings",
    icon: Settings,
    text: "rooms.settings",
    isOffered: runsRoom,
    run: () => {
      const room = current();
      if (room) dialog.value = { kind: "room_settings", room: room.state.id };
    },
  },
  {
    id: "new_room",
    icon: House,
    text: "sidebar.new_room",
    words: "command.new_words",
    isOffered: isNoGuest,
    run: () => openDialog("room"),
  },
  {
    id: "new_direct",
    icon: MessageCirclePlus,
    text: "sidebar.new_direct",
    words: "command.new_words",
    keys: "Mod+Shift+K",
    run: () => openDialog("direct"),
  },
  { id: "browse", icon: Compass, text: "sidebar.browse", keys: "Mod+Shift+L", run: () => go("/rooms/") },
  {
    id: "invite",
    icon: UserPlus,
    text: "sidebar.invite",
    words: "command.invite_words",
    isOffered: isNoGuest,
    run: () => openDialog("invite"),
  },
  { id: "settings", icon: Settings, text: "sidebar.settings", keys: "Mod+,", run: () => go("/settings/") },
  {
    id: "notifications",
    icon: Bell,
    text: "command.notifications",
    words: "command.notifications_words",
    run: () => go("/settings/notifications/"),
  },
  {
    id: "dark",
    icon: Moon,
    text: "command.dark",
    words: "command.theme_words",
    isOffered: () => themeChoice.value !== "dark",
    run: () => chooseTheme("dark"),
  },
  {
    id: "light",
    icon: Sun,
    text: "command.light",
    words: "command.theme_words",
    isOffered: () => themeChoice.value !== "light",
    run: () => chooseTheme("light"),
  },
  {
    id: "system",
    icon: Monitor,
    text: "command.system",
    words: "command.theme_words",
    isOffered: () => themeChoice.value !== "system",
    run: () => chooseTheme("system"),
  },
  {
    id: "help",
    icon: CircleQuestionMark,
    text: "help.title",
    words: "command.help_words",
    keys: "?",
    run: () => openDialog("help"),
  },
  { id: "sign_out", icon: LogOut, text: "sidebar.sign_out", run: (actions) => void tell(actions.signOut()) },
];

/** What can be done now. */
export function commandsNow(): PageCommand[] {
  return COMMANDS.filter(({ isOffered }) => isOffered?.() !== false);
}
