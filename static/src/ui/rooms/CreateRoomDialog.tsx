// A new room: its name, what it is for, who may find it, and who is in it from the start.
import { useState } from "preact/hooks";
import { newClientId } from "../../net/actions";
import type { User } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { FormButtons } from "../common/FormButtons";
import { PeoplePicker } from "../common/PeoplePicker";
import { closeDialog } from "../dialogs";
import { go, roomPath } from "../route";
import { KindChoice, nameProblem, RoomFields, type RoomForm } from "./RoomFields";
import { useSubmit } from "./useSubmit";

export function CreateRoomDialog() {
  const actions = useActions();
  const [form, setForm] = useState<RoomForm>({ name: "", topic: "", kind: "open" });
  const [people, setPeople] = useState<User[]>([]);
  const [isTried, setTried] = useState(false);
  // One for all tries of this dialog: an answer that was lost must not make a second room.
  const [id] = useState(newClientId);
  const { isBusy, failure, run } = useSubmit();

  const submit = (): void => {
    setTried(true);
    if (nameProblem(form.name)) return;
    run(async () => {
      const members = people.map(({ id }) => id);
      const room = await actions.createRoom({
        ...form,
        name: form.name.trim(),
        topic: form.topic.trim(),
        members,
        client_room_id: id,
      });
      closeDialog();
      go(roomPath(room));
    });
  };

  return (
    <Dialog
      title={t("create.title")}
      onClose={closeDialog}
      onSubmit={submit}
      footer={<FormButtons submit={t("create.submit")} isBusy={isBusy} onCancel={closeDialog} />}
    >
      <RoomFields form={form} onChange={setForm} isTried={isTried} autoFocus />
      <KindChoice value={form.kind} onChange={(kind) => setForm({ ...form, kind })} />
      <PeoplePicker label={t("create.people")} chosen={people} onChange={setPeople} />
      <Failure text={failure} />
    </Dialog>
  );
}
