// The head of a room: its name, its topic, its people, and what can be done with it.
import { Archive, ArrowLeft, BellOff, Ellipsis, Hash, Lock, Pin, Search, UsersRound } from "lucide-preact";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { language, t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { Avatar, statusText } from "../common/Avatar";
import { IconButton } from "../common/IconButton";
import { MenuButton } from "../common/Menu";
import { layout } from "../layout";
import { peersOf, roomName } from "../names";
import { toggleCard } from "../profile/card";
import { DoingMark } from "../profile/Doing";
import { back, go, type Panel, roomPath, searchPath } from "../route";
import { itemsOf } from "./roomMenu";
import { TopicLine } from "./TopicLine";
import "../../styles/room-head.css";

export function RoomHead({ room, panel }: { room: Room; panel: Panel | null }) {
  const { kind, id, members, level } = room.state;
  const isOpen = panel?.kind === "members";
  const hasPins = panel?.kind === "pins";
  const peers = peersOf(room, state.value);
  const only = kind === "direct" && peers.length === 1 ? peers[0] : undefined;
  const actions = useActions();
  const items = itemsOf(room, actions, useConfig().settings.previews ? actions : null);
  return (
    <header class="room-head">
      {layout.value === "phone" ? (
        <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
      ) : null}
      <div class="room-titles">
        <h1 class="room-title">
          {only ? <Avatar person={only} size={24} status={only.status} /> : <RoomSign room={room} />}
          {only ? (
            <button
              type="button"
              class="room-person"
              aria-haspopup="dialog"
              onClick={(event) => toggleCard(only.id, event.currentTarget)}
            >
              <bdi>{roomName(room, state.value)}</bdi>
            </button>
          ) : (
            <bdi>{roomName(room, state.value)}</bdi>
          )}
          {only ? <span class="room-handle">@{only.handle}</span> : null}
          {level === "none" ? (
            <span class="room-muted" title={t("level.muted")}>
              <BellOff size={14} strokeWidth={2} aria-hidden="true" />
              <span class="unseen">, {t("level.muted")}</span>
            </span>
          ) : null}
        </h1>
        {only?.doing ? (
          <p class="room-topic">
            <DoingMark doing={only.doing} hasWords />
          </p>
        ) : only && only.status !== "unknown" ? (
          <p class="room-topic">{statusText(only.status)}</p>
        ) : kind === "direct" ? null : (
          <TopicLine key={id} room={room} />
        )}
      </div>
      <IconButton icon={Search} label={t("search.here")} onClick={() => go(searchPath({ room: id }))} />
      <IconButton
        icon={Pin}
        label={t("pins.title")}
        expanded={hasPins}
        onClick={() => (hasPins ? back(roomPath(id)) : go(roomPath(id, { kind: "pins" })))}
      />
      <button
        type="button"
        class="members-button"
        aria-expanded={isOpen}
        aria-label={t("members.show", { n: members })}
        title={t("members.show", { n: members })}
        onClick={() => (isOpen ? back(roomPath(id)) : go(roomPath(id, { kind: "members" })))}
      >
        <UsersRound size={18} strokeWidth={1.75} aria-hidden="true" />
        <span>{new Intl.NumberFormat(language()).format(members)}</span>
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
