// A conversation with one person or with several.
import { useState } from "preact/hooks";
import { LIMITS, type User } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { PeoplePicker } from "../common/PeoplePicker";
import { closeDialog } from "../dialogs";
import { go, roomPath } from "../route";
import { useSubmit } from "./useSubmit";

/** `people`: who is in the conversation to which others are to come; a new one is opened with all of them. */
export function NewDirectDialog({ people: known }: { people: readonly number[] }) {
  const actions = useActions();
  const [people, setPeople] = useState<User[]>(() => known.flatMap((id) => state.peek().users.get(id) ?? []));
  const isMore = known.length > 0;
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
      title={isMore ? t("members.add") : t("sidebar.new_direct")}
      onClose={closeDialog}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button
            kind="primary"
            type="submit"
            busy={isBusy}
            disabled={people.length <= known.length && isMore ? true : people.length === 0}
          >
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
        {isFull
          ? t("direct.full", { n: LIMITS.DIRECT_USERS_MAX_COUNT })
          : t(isMore ? "direct.more_hint" : "direct.hint")}
      </p>
      <Failure text={failure} />
    </Dialog>
  );
}
