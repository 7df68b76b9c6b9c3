// What is pinned in a room, beside it.
import { PinOff } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { IconButton } from "../common/IconButton";
import { Panel } from "../common/Panel";
import { Failed, Skeleton } from "../common/States";
import { tell } from "../common/toasts";
import { errorText } from "../errors";
import { roomName, userName } from "../names";
import { me, rightsOf } from "../selectors";
import { FoundMessage } from "./FoundMessage";
import "../../styles/marks.css";

export function PinPanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const actions = useActions();
  const { id } = room.state;
  const [found, setFound] = useState<readonly Message[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [trial, setTrial] = useState(0);
  const mayPin = rightsOf(room.state, me.value.role).pin;

  useEffect(() => {
    let isGone = false;
    actions.pins(id).then(
      (pins) => {
        if (isGone) return;
        setFound(pins);
        setFailure(null);
      },
      (error: unknown) => {
        if (!isGone) setFailure(errorText(error));
      },
    );
    return () => {
      isGone = true;
    };
  }, [id, room.pinNews, trial, state.value.synced]);

  // What is here is newer than what was read.
  const here = new Map(room.timeline.messages.map((message) => [message.id, message]));
  const pins = found
    ?.map((message) => here.get(message.id) ?? message)
    .filter(({ pinned, deleted_at }) => pinned && deleted_at === null);
  return (
    <Panel title={t("pins.title")} detail={roomName(room, state.value)} onClose={onClose}>
      <div class="marks-list">
        {failure ? <Failed text={failure} onRetry={() => setTrial(trial + 1)} /> : null}
        {!pins && !failure ? <Skeleton kind="message" rows={3} /> : null}
        {pins?.length === 0 ? <p class="marks-none">{t(mayPin ? "pins.none_yet" : "pins.none")}</p> : null}
        {pins && pins.length > 0 ? (
          <ul aria-label={t("pins.title")}>
            {pins.map((message) => (
              <li key={message.id}>
                <FoundMessage
                  message={message}
                  note={noteOf(message)}
                  tools={
                    mayPin ? (
                      <IconButton
                        icon={PinOff}
                        small
                        label={t("pins.unpin")}
                        onClick={() => void tell(actions.unpin(message.id))}
                      />
                    ) : null
                  }
                />
              </li>
            ))}
          </ul>
        ) : null}
      </div>
    </Panel>
  );
}

function noteOf({ pinned }: Message): string {
  if (!pinned) return "";
  const name = pinned.by === null ? t("people.somebody") : userName(pinned.by, state.value);
  return t("pins.by", { name, when: fullOf(pinned.at) });
}
