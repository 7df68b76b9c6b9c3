// One room in the left column: bold with a count when unread, a pill when I am named, a pencil for a draft.
import { Archive, BellOff, Hash, Lock, Pencil, UsersRound } from "lucide-preact";
import { drafted } from "../../store/drafts";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { Avatar, statusText } from "../common/Avatar";
import { peersOf, roomName } from "../names";
import { DoingMark } from "../profile/Doing";
import { follow, roomPath } from "../route";

interface RoomLinkProps {
  room: Room;
  isOpen: boolean;
}

export function RoomLink({ room, isOpen }: RoomLinkProps) {
  const { unread, mentions, level, kind, id } = room.state;
  const isMuted = level === "none";
  const isBold = unread > 0 && !isMuted;
  const isCounted = isBold && (level === "all" || kind === "direct");
  const name = roomName(room, state.value);
  const peers = kind === "direct" ? peersOf(room, state.value) : [];
  const only = peers.length === 1 ? peers[0] : undefined;
  const hasDraft = !isOpen && drafted.value.has(String(id));
  return (
    <a
      class="room-link"
      href={roomPath(id)}
      data-room={id}
      aria-current={isOpen ? "page" : undefined}
      data-bold={isBold || undefined}
      data-muted={isMuted || undefined}
      onClick={follow}
    >
      <span class="room-link-sign">
        {only ? <Avatar person={only} size={24} status={only.status} /> : <Sign room={room} />}
      </span>
      <bdi class="room-link-name" title={name}>
        {name}
      </bdi>
      {only ? <DoingMark doing={only.doing} /> : null}
      {only && only.status !== "unknown" ? <span class="unseen">, {statusText(only.status)}</span> : null}
      {hasDraft ? <DraftMark /> : null}
      {isMuted ? (
        <span class="draft-mark" title={t("level.muted")}>
          <BellOff size={13} strokeWidth={2} aria-hidden="true" />
          <span class="unseen">, {t("level.muted")}</span>
        </span>
      ) : null}
      {mentions > 0 && !isMuted ? (
        <span class="mention-count">
          <span aria-hidden="true">@{short(mentions)}</span>
          <span class="unseen">, {t("sidebar.mentions", { n: mentions })}</span>
        </span>
      ) : null}
      {isCounted && mentions === 0 ? (
        <span class="unread-count">
          <span aria-hidden="true">{short(unread)}</span>
          <span class="unseen">, {t("sidebar.unread", { n: unread })}</span>
        </span>
      ) : null}
    </a>
  );
}

function Sign({ room }: { room: Room }) {
  const { kind, archived } = room.state;
  const Icon = archived ? Archive : kind === "direct" ? UsersRound : kind === "closed" ? Lock : Hash;
  return <Icon size={16} strokeWidth={2} aria-hidden="true" />;
}

function DraftMark() {
  return (
    <span class="draft-mark" title={t("sidebar.draft")}>
      <Pencil size={13} strokeWidth={2} aria-hidden="true" />
      <span class="unseen">, {t("sidebar.draft")}</span>
    </span>
  );
}

function short(count: number): string {
  return count > 99 ? "99+" : String(count);
}
