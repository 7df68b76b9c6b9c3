// One message that is to be sent: where, when, what, and why it could not be sent; change, send now, cancel.
import { CalendarClock, CircleAlert, Pencil, SendHorizontal, Trash2 } from "lucide-preact";
import { useState } from "preact/hooks";
import type { Scheduled } from "../../store/later";
import { state } from "../../store/signals";
import { dueOf, fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { IconButton } from "../common/IconButton";
import { tell, toast } from "../common/toasts";
import { codeText } from "../errors";
import { roomName } from "../names";
import { useSubmit } from "../rooms/useSubmit";
import { follow, roomPath } from "../route";
import { EditScheduled } from "./EditScheduled";

export function ScheduledRow({ item, onGone }: { item: Scheduled; onGone: () => void }) {
  const actions = useActions();
  const [open, setOpen] = useState<"edit" | "cancel" | null>(null);
  const [isSending, setSending] = useState(false);
  const room = state.value.rooms.get(item.room);
  const name = room ? roomName(room, state.value) : t("scheduled.room_gone");
  const isOnItsWay = item.state === "sending" || isSending;

  const sendNow = async (): Promise<void> => {
    setSending(true);
    const isSent = await tell(actions.sendScheduled(item.id));
    setSending(false);
    if (!isSent) return;
    toast(t("scheduled.sent", { name }));
    onGone();
  };

  return (
    <li class="later-row" data-failed={item.state === "failed" || undefined} data-scheduled={item.id}>
      <span class="later-sign">
        {item.state === "failed" ? (
          <CircleAlert size={18} strokeWidth={2} aria-hidden="true" />
        ) : (
          <CalendarClock size={18} strokeWidth={2} aria-hidden="true" />
        )}
      </span>
      <div class="later-main">
        <p class="later-where">
          {room ? (
            <a href={roomPath(item.room)} onClick={follow}>
              <bdi>{name}</bdi>
            </a>
          ) : (
            name
          )}
          {item.parent === null ? null : <span> · {t("scheduled.in_thread")}</span>}
        </p>
        <p class="later-text" dir="auto">
          {item.body}
        </p>
        <p class="later-meta">
          <time dateTime={item.due_at} title={fullOf(item.due_at)}>
            {dueOf(item.due_at)}
          </time>
          {isOnItsWay ? <span>{t("pending.sending")}</span> : null}
        </p>
        {item.state === "failed" && item.error ? (
          <p class="later-failure">
            {t("pending.failed", { reason: codeText(item.error.code, item.error.detail) })}
          </p>
        ) : null}
      </div>
      <div class="later-tools">
        <IconButton
          icon={Pencil}
          label={t("scheduled.edit")}
          disabled={isOnItsWay}
          onClick={() => setOpen("edit")}
        />
        <IconButton
          icon={Trash2}
          label={t("scheduled.cancel")}
          disabled={isOnItsWay}
          onClick={() => setOpen("cancel")}
        />
        <Button small icon={SendHorizontal} busy={isOnItsWay} onClick={() => void sendNow()}>
          {t("scheduled.send_now")}
        </Button>
      </div>
      {open === "edit" ? <EditScheduled item={item} onClose={() => setOpen(null)} /> : null}
      {open === "cancel" ? <Cancel item={item} onClose={() => setOpen(null)} onGone={onGone} /> : null}
    </li>
  );
}

interface CancelProps {
  item: Scheduled;
  onClose: () => void;
  onGone: () => void;
}

function Cancel({ item, onClose, onGone }: CancelProps) {
  const actions = useActions();
  const { isBusy, failure, run } = useSubmit();
  return (
    <Dialog
      title={t("scheduled.cancel_title")}
      width="narrow"
      onClose={onClose}
      onSubmit={() =>
        run(async () => {
          await actions.cancelScheduled(item.id);
          onClose();
          onGone();
        })
      }
      footer={
        <>
          <Button onClick={onClose}>{t("scheduled.keep")}</Button>
          <Button kind="danger" type="submit" busy={isBusy}>
            {t("scheduled.cancel")}
          </Button>
        </>
      }
    >
      <p class="dialog-note">{t("scheduled.cancel_text")}</p>
      <Failure text={failure} />
    </Dialog>
  );
}
