// One line of the quick switcher: a sign or a face, a name, and what tells it from others.
import { Hash, Lock, type LucideIcon, MessageSquareText, TextSearch, UsersRound } from "lucide-preact";
import { state } from "../../store/signals";
import { shortOf } from "../../text/dates";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import { peersOf, roomName } from "../names";
import { chordOf, namesOf } from "../shortcuts/keys";
import type { Goal } from "./Switcher";

export function TargetWords({ goal }: { goal: Goal }) {
  if (goal.kind === "message") return <MessageWords goal={goal} />;
  if (goal.kind === "room") return <RoomWords goal={goal} />;
  if (goal.kind === "search") {
    return (
      <>
        <Sign icon={TextSearch} />
        <span class="switcher-search">{t("switcher.search", { query: goal.query })}</span>
      </>
    );
  }
  if (goal.kind === "person") {
    return (
      <>
        <Avatar person={goal.user} size={24} status={goal.user.status} />
        <bdi class="mention-name">{goal.user.name}</bdi>
        <span class="mention-handle">@{goal.user.handle}</span>
      </>
    );
  }
  const { icon, text, keys } = goal.command;
  return (
    <>
      <Sign icon={icon} />
      <span class="mention-name">{t(text)}</span>
      {keys ? (
        <span class="switcher-keys" aria-hidden="true">
          {namesOf(chordOf(keys)).map((name) => (
            <kbd key={name}>{name}</kbd>
          ))}
        </span>
      ) : null}
    </>
  );
}

function RoomWords({ goal: { room } }: { goal: Extract<Goal, { kind: "room" }> }) {
  const { kind, unread, mentions, level } = room.state;
  const peers = peersOf(room, state.value);
  const only = peers.length === 1 && kind === "direct" ? peers[0] : undefined;
  return (
    <>
      {only ? (
        <Avatar person={only} size={24} status={only.status} />
      ) : (
        <Sign icon={kind === "direct" ? UsersRound : kind === "closed" ? Lock : Hash} />
      )}
      <bdi class="mention-name">{roomName(room, state.value)}</bdi>
      <span class="mention-handle">{only ? `@${only.handle}` : ""}</span>
      {mentions > 0 ? (
        <span class="mention-count">@{short(mentions)}</span>
      ) : unread > 0 && level !== "none" ? (
        <span class="unread-count">{short(unread)}</span>
      ) : null}
    </>
  );
}

function MessageWords({ goal }: { goal: Extract<Goal, { kind: "message" }> }) {
  const { message, excerpt, names } = goal.found;
  const room = state.value.rooms.get(message.room);
  const pieces = excerpt.length > 0 ? excerpt : (names[0] ?? []);
  return (
    <>
      <Sign icon={MessageSquareText} />
      <span class="switcher-said">
        <span class="switcher-said-text" dir="auto">
          {pieces.map((piece, index) => (piece.hit ? <mark key={index}>{piece.text}</mark> : piece.text))}
        </span>
        <span class="switcher-said-where">
          <bdi>{message.sender.name}</bdi> · <bdi>{room ? roomName(room, state.value) : ""}</bdi> ·{" "}
          {shortOf(message.at)}
        </span>
      </span>
    </>
  );
}

function Sign({ icon: Icon }: { icon: LucideIcon }) {
  return (
    <span class="room-link-sign">
      <Icon size={17} strokeWidth={2} aria-hidden="true" />
    </span>
  );
}

function short(count: number): string {
  return count > 99 ? "99+" : String(count);
}
