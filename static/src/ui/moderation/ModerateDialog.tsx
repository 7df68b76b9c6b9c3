// Mute, remove or ban somebody: what it does and to whom is said before it is done.

import { useState } from "preact/hooks";
import type { Message, Sender } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { toast } from "../common/toasts";
import { closeDialog, type Sanctioned } from "../dialogs";
import { roomName } from "../names";
import { useSubmit } from "../rooms/useSubmit";
import { DurationField } from "./DurationField";
import { ReasonField } from "./ReasonField";
import "../../styles/moderation.css";

interface ModerateDialogProps {
  room: number;
  user: Sender;
  /** For what they wrote, which can be deleted with it. */
  message: Message | null;
  first: Sanctioned;
}

const DEEDS = ["mute", "remove", "ban"] as const;

export function ModerateDialog({ room, user, message, first }: ModerateDialogProps) {
  const actions = useActions();
  const [deed, setDeed] = useState<Sanctioned>(first);
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState<number | null>(1_440);
  const [withMessage, setWithMessage] = useState(false);
  const { isBusy, failure, run } = useSubmit();
  const place = state.value.rooms.get(room);
  const where = place ? roomName(place, state.value) : "";

  const carryOut = async (): Promise<void> => {
    const said = reason.trim() === "" ? {} : { reason: reason.trim() };
    const sanction = minutes === null ? said : { ...said, minutes };
    if (deed === "mute") await actions.muteMember(room, user.id, sanction);
    else if (deed === "ban") await actions.banMember(room, user.id, sanction);
    else await actions.removeMember(room, user.id, said);
    if (message && withMessage) await actions.remove(message.id, said.reason);
    closeDialog();
    toast(t(`moderate.${deed}_done`, { name: user.name }));
  };

  return (
    <Dialog
      title={t("moderate.title", { name: user.name })}
      onClose={closeDialog}
      onSubmit={() => run(carryOut)}
      footer={
        <>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button kind="danger" type="submit" busy={isBusy}>
            {t(`moderate.${deed}`)}
          </Button>
        </>
      }
    >
      <fieldset class="choices">
        <legend class="unseen">{t("moderate.what")}</legend>
        {DEEDS.map((one) => (
          <label key={one} class="choice">
            <input type="radio" name="deed" checked={deed === one} onChange={() => setDeed(one)} />
            <span class="choice-name">{t(`moderate.${one}`)}</span>
            <span class="choice-hint">{t(`moderate.${one}_hint`, { name: user.name, room: where })}</span>
          </label>
        ))}
      </fieldset>
      {deed === "remove" ? null : <DurationField value={minutes} onChange={setMinutes} />}
      <ReasonField value={reason} onInput={setReason} />
      {message ? (
        <label class="switch-row">
          <input
            class="switch"
            type="checkbox"
            checked={withMessage}
            onChange={(event) => setWithMessage(event.currentTarget.checked)}
          />
          <span class="switch-name">{t("moderate.with_message")}</span>
        </label>
      ) : null}
      <Failure text={failure} />
    </Dialog>
  );
}
