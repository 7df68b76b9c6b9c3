// The head of a room: its name, its topic, its people, and what can be done with it.
import {
  Archive,
  ArrowLeft,
  Ellipsis,
  Hash,
  Link2,
  Link2Off,
  Lock,
  LogOut,
  Search,
  Settings,
  UserPlus,
  UsersRound,
} from "lucide-preact";
import { useState } from "preact/hooks";
import type { Actions } from "../../net/actions";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { Avatar, statusText } from "../common/Avatar";
import { IconButton } from "../common/IconButton";
import { MenuButton, type MenuItem } from "../common/Menu";
import { tell, toast } from "../common/toasts";
import { dialog } from "../dialogs";
import { layout } from "../layout";
import { peersOf, roomName } from "../names";
import { back, go, type Panel, roomPath, searchPath } from "../route";
import { me, rightsOf } from "../selectors";
import "../../styles/room-head.css";

export function RoomHead({ room, panel }: { room: Room; panel: Panel | null }) {
  const { kind, topic, id, members } = room.state;
  const [isTopicOpen, setTopicOpen] = useState(false);
  const isOpen = panel?.kind === "members";
  const peers = peersOf(room, state.value);
  const only = kind === "direct" && peers.length === 1 ? peers[0] : undefined;
  const actions = useActions();
  const items = itemsOf(room, useConfig().settings.previews ? actions : null);
  return (
    <header class="room-head">
      {layout.value === "phone" ? (
        <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
      ) : null}
      <div class="room-titles">
        <h1 class="room-title">
          {only ? <Avatar person={only} size={24} status={only.status} /> : <RoomSign room={room} />}
          <bdi>{roomName(room, state.value)}</bdi>
          {only ? <span class="room-handle">@{only.handle}</span> : null}
        </h1>
        {topic ? (
          <button
            type="button"
            class="room-topic"
            aria-expanded={isTopicOpen}
            title={isTopicOpen ? undefined : topic}
            onClick={() => setTopicOpen(!isTopicOpen)}
          >
            <bdi>{topic}</bdi>
          </button>
        ) : only && only.status !== "unknown" ? (
          <p class="room-topic">{statusText(only.status)}</p>
        ) : null}
      </div>
      <IconButton icon={Search} label={t("search.here")} onClick={() => go(searchPath({ room: id }))} />
      <button
        type="button"
        class="members-button"
        aria-expanded={isOpen}
        aria-label={t("members.show", { n: members })}
        title={t("members.show", { n: members })}
        onClick={() => (isOpen ? back(roomPath(id)) : go(roomPath(id, { kind: "members" })))}
      >
        <UsersRound size={18} strokeWidth={1.75} aria-hidden="true" />
        <span>{members}</span>
      </button>
      {items.length > 0 ? <MenuButton icon={Ellipsis} label={t("rooms.menu")} items={items} /> : null}
    </header>
  );
}

function RoomSign({ room }: { room: Room }) {
  const { kind, archived } = room.state;
  const Sign = archived ? Archive : kind === "direct" ? UsersRound : kind === "closed" ? Lock : Hash;
  return <Sign class="room-sign" size={18} strokeWidth={2} aria-hidden="true" />;
}

/** `switching`: what previews are switched with, where the server makes any. */
function itemsOf(room: Room, switching: Actions | null): MenuItem[] {
  const { id, previews } = room.state;
  const rights = rightsOf(room.state, me.value.role);
  const items: MenuItem[] = [];
  if (rights.invite) {
    items.push({
      label: t("members.add"),
      icon: UserPlus,
      choose: () => show({ kind: "add_people", room: id }),
    });
  }
  if (rights.run) {
    items.push({
      label: t("rooms.settings"),
      icon: Settings,
      choose: () => show({ kind: "room_settings", room: id }),
    });
  }
  if (rights.removeOthers && switching) {
    items.push({
      label: previews ? t("previews.switch_off") : t("previews.switch_on"),
      icon: previews ? Link2Off : Link2,
      choose: () => void switchPreviews(switching, id, !previews),
    });
  }
  if (rights.leave) {
    items.push({
      label: t("rooms.leave"),
      icon: LogOut,
      apart: items.length > 0,
      choose: () => show({ kind: "leave_room", room: id }),
    });
  }
  return items;
}

async function switchPreviews(actions: Actions, room: number, previews: boolean): Promise<void> {
  if (await tell(actions.updateRoom(room, { previews })))
    toast(previews ? t("previews.switched_on") : t("previews.switched_off"));
}

function show(next: NonNullable<typeof dialog.value>): void {
  dialog.value = next;
}
