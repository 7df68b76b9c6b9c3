// Bring people into a room.
import { Link } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { User } from "../../protocol";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { PeoplePicker } from "../common/PeoplePicker";
import { toast } from "../common/toasts";
import { closeDialog, dialog } from "../dialogs";
import { roomName } from "../names";
import { me } from "../selectors";
import { useSubmit } from "./useSubmit";

export function AddPeopleDialog({ room }: { room: Room }) {
  const actions = useActions();
  const { id } = room.state;
  const [people, setPeople] = useState<User[]>([]);
  const { isBusy, failure, run } = useSubmit();
  const members = new Set((room.members ?? []).map(({ user }) => user.id));

  useEffect(() => {
    // Who is in already is only left out of the list; the server knows it anyway.
    actions.members(id).catch(() => undefined);
  }, [id]);

  const submit = (): void => {
    if (people.length === 0) return;
    run(async () => {
      for (const person of people) {
        await actions.addMember(id, person.id);
        setPeople((left) => left.filter((other) => other.id !== person.id));
      }
      closeDialog();
      toast(t("members.added", { n: people.length }));
    });
  };

  return (
    <Dialog
      title={t("members.add_to", { name: roomName(room, state.value) })}
      onClose={closeDialog}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy} disabled={people.length === 0}>
            {t("members.add_submit")}
          </Button>
        </>
      }
    >
      <PeoplePicker
        label={t("people.who")}
        chosen={people}
        onChange={setPeople}
        without={members}
        autoFocus
      />
      {me.value.role === "guest" ? null : (
        <Button
          small
          icon={Link}
          onClick={() => {
            dialog.value = { kind: "invite", room: id };
          }}
        >
          {t("members.by_link")}
        </Button>
      )}
      <Failure text={failure} />
    </Dialog>
  );
}
