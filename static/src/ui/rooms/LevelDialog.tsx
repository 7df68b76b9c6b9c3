// Of what in a room I am told; each choice is stored at once.
import { useState } from "preact/hooks";
import type { NotificationLevel } from "../../protocol";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { closeDialog } from "../dialogs";
import { roomName } from "../names";
import { useSubmit } from "./useSubmit";

const LEVELS: readonly NotificationLevel[] = ["all", "mentions", "none"];

export function LevelDialog({ room }: { room: Room }) {
  const actions = useActions();
  const { failure, isBusy, run } = useSubmit();
  const { id, level, kind } = room.state;
  // What was pressed stands until the answer says otherwise.
  const [pressed, setPressed] = useState<NotificationLevel | null>(null);
  const choose = (one: NotificationLevel): void => {
    if (isBusy) return;
    setPressed(one);
    run(() => actions.setLevel(id, one).finally(() => setPressed(null)));
  };
  return (
    <Dialog
      title={t("level.title", { name: roomName(room, state.value) })}
      onClose={closeDialog}
      footer={<Button onClick={closeDialog}>{t("dialog.done")}</Button>}
    >
      <fieldset class="field" aria-busy={isBusy}>
        <legend class="unseen">{t("level.label")}</legend>
        <div class="choices">
          {LEVELS.map((one) => (
            <label key={one} class="choice">
              <input
                type="radio"
                name="level"
                checked={(pressed ?? level) === one}
                onChange={() => choose(one)}
              />
              <span class="choice-name">{t(`level.${one}`)}</span>
              <span class="choice-hint">
                {t(one === "all" && kind === "direct" ? "level.all_direct_hint" : `level.${one}_hint`)}
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <Failure text={failure} />
    </Dialog>
  );
}
