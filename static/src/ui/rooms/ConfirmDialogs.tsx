// Questions before what cannot be taken back.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { FormButtons } from "../common/FormButtons";
import { closeDialog } from "../dialogs";
import { ReasonField } from "../moderation/ReasonField";
import { roomName } from "../names";
import { go, route } from "../route";
import { me } from "../selectors";
import { useSubmit } from "./useSubmit";

interface ConfirmProps {
  title: string;
  text: string;
  submit: string;
  action: () => Promise<void>;
  children?: ComponentChildren;
}

function Confirm({ title, text, submit, action, children }: ConfirmProps) {
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
      {children}
      <Failure text={failure} />
    </Dialog>
  );
}

export function DeleteMessageDialog({ message }: { message: Message }) {
  const actions = useActions();
  const [reason, setReason] = useState("");
  const isMine = message.sender.id === me.value.id;
  if (isMine)
    return (
      <Confirm
        title={t("message.delete_title")}
        text={t("message.delete_text")}
        submit={t("message.delete")}
        action={() => actions.remove(message.id)}
      />
    );
  return (
    <Confirm
      title={t("message.delete_of", { name: message.sender.name })}
      text={t("message.delete_of_text")}
      submit={t("message.delete")}
      action={() => actions.remove(message.id, reason.trim())}
    >
      <ReasonField value={reason} onInput={setReason} />
    </Confirm>
  );
}

export function ClosePollDialog({ message }: { message: number }) {
  const actions = useActions();
  return (
    <Confirm
      title={t("poll.close_title")}
      text={t("poll.close_text")}
      submit={t("poll.close")}
      action={() => actions.closePoll(message)}
    />
  );
}

/** Go home from a room that is no place to be any more; who looks at a list stays there. */
function goFrom(room: number): void {
  if (route.value.place === "room" && route.value.room === room) go("/");
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
        goFrom(id);
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
        goFrom(room.state.id);
      }}
    />
  );
}
