// What stands before the name of a room: its kind, or the face of the one other person.
import { Archive, Hash, Lock, UsersRound } from "lucide-preact";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { Avatar } from "../common/Avatar";
import { peersOf } from "../names";

export function RoomSign({ room }: { room: Room }) {
  const { kind, archived } = room.state;
  const peers = kind === "direct" ? peersOf(room, state.value) : [];
  const only = peers.length === 1 ? peers[0] : undefined;
  if (only) return <Avatar person={only} size={24} status={only.status} />;
  const Sign = archived ? Archive : kind === "direct" ? UsersRound : kind === "closed" ? Lock : Hash;
  return <Sign class="room-sign" size={17} strokeWidth={2} aria-hidden="true" />;
}
