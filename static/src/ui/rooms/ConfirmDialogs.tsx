// Questions before what cannot be taken back.
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { FormButtons } from "../common/FormButtons";
import { closeDialog } from "../dialogs";
import { roomName } from "../names";
import { go } from "../route";
import { useSubmit } from "./useSubmit";

interface ConfirmProps {
  title: string;
  text: string;
  submit: string;
  action: () => Promise<void>;
}

function Confirm({ title, text, submit, action }: ConfirmProps) {
  const { isBusy, failure, run } = useSubmit();
  return (
    <Dialog
      title={title}
      width="narrow"
      onClose={closeDialog}
      onSubmit={() =>
        run(async () => {
          await action();
          closeDialog();
        })
      }
      footer={<FormButtons submit={submit} isBusy={isBusy} onCancel={closeDialog} isDanger />}
    >
      <p class="dialog-note">{text}</p>
      <Failure text={failure} />
    </Dialog>
  );
}

export function DeleteMessageDialog({ message }: { message: number }) {
  const actions = useActions();
  return (
    <Confirm
      title={t("message.delete_title")}
      text={t("message.delete_text")}
      submit={t("message.delete")}
      action={() => actions.remove(message)}
    />
  );
}

export function LeaveRoomDialog({ room }: { room: Room }) {
  const actions = useActions();
  const { id, kind } = room.state;
  return (
    <Confirm
      title={t("rooms.leave_title", { name: roomName(room, state.value) })}
      text={t(kind === "closed" ? "rooms.leave_closed" : "rooms.leave_open")}
      submit={t("rooms.leave")}
      action={async () => {
        await actions.leave(id);
        go("/");
      }}
    />
  );
}

export function DeleteRoomDialog({ room }: { room: Room }) {
  const actions = useActions();
  return (
    <Confirm
      title={t("rooms.delete_title", { name: roomName(room, state.value) })}
      text={t("rooms.delete_text")}
      submit={t("rooms.delete")}
      action={async () => {
        await actions.deleteRoom(room.state.id);
        go("/");
      }}
    />
  );
}
