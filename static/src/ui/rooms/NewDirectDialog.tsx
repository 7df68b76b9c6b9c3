// A conversation with one person or with several.
import { useState } from "preact/hooks";
import { LIMITS, type User } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { PeoplePicker } from "../common/PeoplePicker";
import { closeDialog } from "../dialogs";
import { go, roomPath } from "../route";
import { useSubmit } from "./useSubmit";

export function NewDirectDialog() {
  const actions = useActions();
  const [people, setPeople] = useState<User[]>([]);
  const { isBusy, failure, run } = useSubmit();
  const isFull = people.length >= LIMITS.DIRECT_USERS_MAX_COUNT;

  const submit = (): void => {
    if (people.length === 0) return;
    run(async () => {
      const room = await actions.openDirect(people.map(({ id }) => id));
      closeDialog();
      go(roomPath(room));
    });
  };

  return (
    <Dialog
      title={t("sidebar.new_direct")}
      onClose={closeDialog}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy} disabled={people.length === 0}>
            {t("direct.submit")}
          </Button>
        </>
      }
    >
      <PeoplePicker
        label={t("direct.with")}
        chosen={people}
        onChange={setPeople}
        max={LIMITS.DIRECT_USERS_MAX_COUNT}
        autoFocus
      />
      <p class="field-hint">
        {isFull ? t("direct.full", { n: LIMITS.DIRECT_USERS_MAX_COUNT }) : t("direct.hint")}
      </p>
      {failure ? (
        <p class="field-error" role="alert">
          {failure}
        </p>
      ) : null}
    </Dialog>
  );
}
