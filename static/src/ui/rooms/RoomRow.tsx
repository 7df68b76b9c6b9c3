// One room in the list of all rooms.
import { Archive, Check, Hash, Lock } from "lucide-preact";
import { useState } from "preact/hooks";
import type { RoomState } from "../../protocol";
import { shortOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { tell } from "../common/toasts";
import { dialog } from "../dialogs";
import { follow, go, roomPath } from "../route";

export function RoomRow({ room }: { room: RoomState }) {
  const actions = useActions();
  const [isBusy, setBusy] = useState(false);
  const isIn = room.role !== null;
  const Sign = room.archived ? Archive : room.kind === "closed" ? Lock : Hash;

  const join = async (): Promise<void> => {
    setBusy(true);
    const isDone = await tell(actions.join(room.id));
    setBusy(false);
    if (isDone) go(roomPath(room.id));
  };

  return (
    <li class="browser-row">
      <span class="browser-sign">
        <Sign size={18} strokeWidth={2} aria-hidden="true" />
      </span>
      <div class="browser-words">
        <h2>
          <a href={roomPath(room.id)} onClick={follow}>
            <bdi>{room.name}</bdi>
          </a>
        </h2>
        {room.topic ? (
          <p class="browser-topic">
            <bdi>{room.topic}</bdi>
          </p>
        ) : null}
        <p class="browser-meta">
          {isIn ? (
            <span class="browser-in">
              <Check size={13} strokeWidth={2.5} aria-hidden="true" />
              {t("browse.joined")}
            </span>
          ) : null}
          <span>{t("members.count", { n: room.members })}</span>
          {room.last_at ? <span>{t("browse.last", { when: shortOf(room.last_at) })}</span> : null}
          {room.archived ? <span>{t("rooms.archived")}</span> : null}
        </p>
      </div>
      {isIn ? (
        <Button
          small
          kind="quiet"
          onClick={() => {
            dialog.value = { kind: "leave_room", room: room.id };
          }}
        >
          {t("browse.leave")}
        </Button>
      ) : room.archived ? null : (
        <Button small kind="primary" busy={isBusy} onClick={() => void join()}>
          {t("rooms.join")}
        </Button>
      )}
    </li>
  );
}
