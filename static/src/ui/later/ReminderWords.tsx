// What a reminder is about: its text, and the message with who wrote it and where.
import { useEffect, useState } from "preact/hooks";
import type { Message, Reminder } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { saidIn } from "../common/file";
import { roomName } from "../names";

const SHOWN_MAX_CHARS = 200;
const KEPT_MAX_COUNT = 200;
const kept = new Map<number, Message>();

/** A message by its id: one that is here already, else one that is asked for once; null until it has come. */
export function useMessage(id: number | null): Message | null {
  const actions = useActions();
  const [found, setFound] = useState<Message | null>(null);
  const known = id === null ? null : (hereIs(id) ?? kept.get(id) ?? found);
  useEffect(() => {
    if (id === null || known) return undefined;
    let isGone = false;
    actions.message(id).then(
      (message) => {
        if (kept.size >= KEPT_MAX_COUNT) kept.clear();
        kept.set(id, message);
        if (!isGone) setFound(message);
      },
      // It may be deleted, or hidden from me now: then the reminder says only where it was.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [id]);
  return known;
}

function hereIs(id: number): Message | null {
  for (const room of state.value.rooms.values()) {
    const message = room.timeline.messages.find((one) => one.id === id);
    if (message) return message;
  }
  return null;
}

/** The words of a reminder. */
export function ReminderWords({ reminder, message }: { reminder: Reminder; message: Message | null }) {
  const room = reminder.room === null ? undefined : state.value.rooms.get(reminder.room);
  const where = room ? roomName(room, state.value) : null;
  const body = message && message.deleted_at === null ? saidIn(message) : null;
  return (
    <div class="later-words">
      {reminder.text ? (
        <p class="later-text" dir="auto">
          {reminder.text}
        </p>
      ) : null}
      {reminder.message === null ? null : (
        <p class="later-quote" dir="auto">
          {body === null
            ? where === null
              ? t("reminders.of_message")
              : t("reminders.of_message_in", { name: where })
            : t("timeline.said", { name: message?.sender.name ?? "", text: body.slice(0, SHOWN_MAX_CHARS) })}
        </p>
      )}
    </div>
  );
}
