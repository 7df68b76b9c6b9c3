// Where a room begins: what it is for, and the next step while nobody has said anything.
import { Hash, Lock } from "lucide-preact";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { dialog } from "../dialogs";
import { peersOf, roomName } from "../names";
import { me, rightsOf } from "../selectors";

export function RoomStart({ room, isEmpty }: { room: Room; isEmpty: boolean }) {
  const { kind, topic, id } = room.state;
  const name = roomName(room, state.value);
  const rights = rightsOf(room.state, me.value.role);
  const peers = peersOf(room, state.value);
  const Sign = kind === "closed" ? Lock : Hash;
  return (
    <div class="room-start" data-empty={isEmpty || undefined}>
      {kind === "direct" ? (
        <span class="room-start-faces">
          {(peers.length > 0 ? peers : [me.value]).slice(0, 4).map((person) => (
            <Avatar key={person.id} person={person} size={56} />
          ))}
        </span>
      ) : (
        <span class="room-start-sign">
          <Sign size={26} strokeWidth={1.75} aria-hidden="true" />
        </span>
      )}
      <h2>
        <bdi>{name}</bdi>
      </h2>
      <p>
        {kind === "direct"
          ? t("start.direct", { name })
          : kind === "closed"
            ? t("start.closed")
            : t("start.open")}
      </p>
      {topic ? (
        <p class="room-start-topic">
          <bdi>{topic}</bdi>
        </p>
      ) : null}
      {isEmpty && rights.invite ? (
        <Button
          small
          onClick={() => {
            dialog.value = { kind: "add_people", room: id };
          }}
        >
          {t("members.add")}
        </Button>
      ) : null}
    </div>
  );
}
