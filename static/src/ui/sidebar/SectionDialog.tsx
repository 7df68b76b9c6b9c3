// A section of my own: a new one, with a room in it if one is named, or another name for one.
import { useState } from "preact/hooks";
import { newClientId } from "../../net/actions";
import { LIMITS } from "../../protocol";
import { both, moved, named } from "../../store/sidebar";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Field } from "../common/Field";
import { closeDialog } from "../dialogs";
import { useSubmit } from "../rooms/useSubmit";

interface SectionDialogProps {
  section: string | null;
  room: number | null;
}

export function SectionDialog({ section, room }: SectionDialogProps) {
  const actions = useActions();
  const { isBusy, failure, run } = useSubmit();
  const known = state.peek().sidebar?.sections.find(({ id }) => id === section);
  const [name, setName] = useState(known?.name ?? "");
  const [isTried, setTried] = useState(false);
  const problem = name.trim() === "" ? t("section.name_missing") : null;
  const submit = (): void => {
    setTried(true);
    if (problem) return;
    const id =
      section ??
      newClientId()
        .toLowerCase()
        .replace(/[^a-z0-9]/g, "")
        .slice(0, 12);
    const naming = named(id, name.trim());
    run(async () => {
      await actions.arrange(room === null ? naming : both(naming, moved(room, id)));
      closeDialog();
    });
  };
  return (
    <Dialog
      title={section ? t("section.rename") : t("section.new")}
      width="narrow"
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
      <Field label={t("fields.name")} hint={t("section.hint")} error={isTried && problem ? problem : failure}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="text"
            autocomplete="off"
            dir="auto"
            maxLength={LIMITS.SECTION_NAME_MAX_CHARS}
            value={name}
            data-autofocus
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
