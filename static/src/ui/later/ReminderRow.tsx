// One reminder in the list: what it is about, when, and done, put off, delete.
import { Bell, Check, Clock, MessageSquareText, Trash2 } from "lucide-preact";
import { useState } from "preact/hooks";
import type { Reminder } from "../../protocol";
import { dueOf, fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { tell } from "../common/toasts";
import { showMessage } from "./place";
import { ReminderWords, useMessage } from "./ReminderWords";
import { Snooze } from "./Snooze";

export function ReminderRow({ reminder, onGone }: { reminder: Reminder; onGone: () => void }) {
  const actions = useActions();
  const message = useMessage(reminder.message);
  const [isSnoozing, setSnoozing] = useState(false);
  const isDue = reminder.state === "due";
  const end = async (action: Promise<void>): Promise<void> => {
    if (await tell(action)) onGone();
  };
  return (
    <li class="later-row" data-due={isDue || undefined} data-reminder={reminder.id}>
      <span class="later-sign">
        <Bell size={18} strokeWidth={2} aria-hidden="true" />
      </span>
      <div class="later-main">
        <ReminderWords reminder={reminder} message={message} />
        <p class="later-meta">
          <time dateTime={reminder.due_at} title={fullOf(reminder.due_at)}>
            {dueOf(reminder.due_at)}
          </time>
          {isDue ? <strong class="later-due">{t("reminders.due")}</strong> : null}
        </p>
      </div>
      <div class="later-tools">
        {message && message.deleted_at === null ? (
          <IconButton
            icon={MessageSquareText}
            label={t("reminders.show")}
            onClick={() => showMessage(message)}
          />
        ) : null}
        <IconButton icon={Clock} label={t("reminders.snooze")} onClick={() => setSnoozing(true)} />
        <IconButton
          icon={Trash2}
          label={t("reminders.delete")}
          onClick={() => void end(actions.deleteReminder(reminder.id))}
        />
        <Button
          small
          icon={Check}
          kind={isDue ? "primary" : "secondary"}
          onClick={() => void end(actions.finishReminder(reminder.id))}
        >
          {t("reminders.done")}
        </Button>
      </div>
      {isSnoozing ? <Snooze reminder={reminder} onClose={() => setSnoozing(false)} /> : null}
    </li>
  );
}
