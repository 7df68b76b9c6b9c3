// A name for a conversation of several.
import { useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Field } from "../common/Field";
import { closeDialog } from "../dialogs";
import { nameProblem } from "./RoomFields";
import { useSubmit } from "./useSubmit";

export function NameDialog({ room }: { room: Room }) {
  const actions = useActions();
  const [name, setName] = useState(room.state.named ? room.state.name : "");
  const [isTried, setTried] = useState(false);
  const { isBusy, failure, run } = useSubmit();
  const submit = (): void => {
    setTried(true);
    if (nameProblem(name)) return;
    run(async () => {
      await actions.updateRoom(room.state.id, { name: name.trim() });
      closeDialog();
    });
  };
  return (
    <Dialog
      title={t("direct.name_title")}
      onClose={closeDialog}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy}>
            {t("dialog.save")}
          </Button>
        </>
      }
    >
      <Field
        label={t("fields.name")}
        hint={t("direct.name_hint")}
        error={isTried ? nameProblem(name) : failure}
      >
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="text"
            autocomplete="off"
            dir="auto"
            maxLength={LIMITS.NAME_MAX_CHARS}
            value={name}
            data-autofocus
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
