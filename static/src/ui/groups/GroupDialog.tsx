// A group is made or changed: its handle, its name, its people.
import { useState } from "preact/hooks";
import { ActionError } from "../../net/actions";
import { LIMITS, type User } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { Field } from "../common/Field";
import { FormButtons } from "../common/FormButtons";
import { PeoplePicker } from "../common/PeoplePicker";
import { forgetGroups } from "../composer/calls";
import { useSubmit } from "../rooms/useSubmit";
import { type GroupWithPeople, makeGroup, updateGroup } from "./requests";

interface GroupDialogProps {
  /** Null: a new one. */
  group: GroupWithPeople | null;
  onClose: () => void;
  onSaved: (group: GroupWithPeople) => void;
}

const HANDLE = /^[a-z0-9가-힣][a-z0-9가-힣._-]*$/;

export function GroupDialog({ group, onClose, onSaved }: GroupDialogProps) {
  const { rest } = useActions();
  const [name, setName] = useState(group?.name ?? "");
  const [handle, setHandle] = useState(group?.handle ?? "");
  const [people, setPeople] = useState<User[]>(group?.people ?? []);
  const [isTried, setTried] = useState(false);
  const [taken, setTaken] = useState<string | null>(null);
  const { isBusy, failure, run } = useSubmit();
  const written = handle.trim().replace(/^@/, "").toLowerCase();
  const nameProblem = name.trim() === "" ? t("groups.name_missing") : null;
  const badHandle = HANDLE.test(written) ? null : t("groups.handle_bad");
  const handleProblem = taken === written ? t("groups.handle_taken", { handle: written }) : badHandle;

  const submit = (): void => {
    setTried(true);
    if (nameProblem || badHandle) return;
    run(async () => {
      const fields = { handle: written, name: name.trim(), members: people.map(({ id }) => id) };
      try {
        const saved = await (group ? updateGroup(rest, group.id, fields) : makeGroup(rest, fields));
        forgetGroups();
        onSaved(saved);
      } catch (error) {
        if (!(error instanceof ActionError && error.code === "conflict")) throw error;
        setTaken(written);
      }
    });
  };

  return (
    <Dialog
      title={t(group ? "groups.change" : "groups.make")}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <FormButtons submit={t(group ? "dialog.save" : "groups.make")} isBusy={isBusy} onCancel={onClose} />
      }
    >
      <Field label={t("groups.name")} error={isTried ? nameProblem : null}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="text"
            dir="auto"
            autocomplete="off"
            data-autofocus
            maxLength={LIMITS.NAME_MAX_CHARS}
            placeholder={t("groups.name_example")}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field
        label={t("groups.handle")}
        hint={t("groups.handle_hint")}
        error={isTried || taken === written ? handleProblem : null}
      >
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxLength={LIMITS.HANDLE_MAX_CHARS + 1}
            placeholder={t("groups.handle_example")}
            value={handle}
            onInput={(event) => setHandle(event.currentTarget.value)}
          />
        )}
      </Field>
      <PeoplePicker
        label={t("groups.people")}
        chosen={people}
        onChange={setPeople}
        max={LIMITS.GROUP_MEMBERS_MAX_COUNT}
        withMe
      />
      <Failure text={failure} />
    </Dialog>
  );
}
