// Reminders whose time has come while I am here: each stays until it is answered.
import { Bell, Check, Clock, MessageSquareText, X } from "lucide-preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Reminder } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { tell } from "../common/toasts";
import { showMessage } from "./place";
import { ReminderWords, useMessage } from "./ReminderWords";
import { Snooze } from "./Snooze";
import "../../styles/later.css";
import "../../styles/toasts.css";

const SHOWN_MAX_COUNT = 3;

export function RingingReminders() {
  const { ringing, reminders } = state.value.later;
  const shown = ringing
    .slice(-SHOWN_MAX_COUNT)
    .flatMap((id) => reminders?.find((one) => one.id === id) ?? []);
  return (
    <div class="ringings" role="status" aria-live="polite">
      {shown.map((reminder) => (
        <Ringing key={reminder.id} reminder={reminder} />
      ))}
    </div>
  );
}

function Ringing({ reminder }: { reminder: Reminder }) {
  const actions = useActions();
  const message = useMessage(reminder.message);
  const [isSnoozing, setSnoozing] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  const hush = (): void => actions.hushReminder(reminder.id);

  useLayoutEffect(() => {
    const card = ref.current;
    return () => {
      // The focus would fall to the body together with the card.
      if (card?.contains(document.activeElement)) document.getElementById("main")?.focus();
    };
  }, []);

  return (
    <div ref={ref} class="toast ringing" data-ringing={reminder.id}>
      <Bell size={18} strokeWidth={1.75} aria-hidden="true" />
      <div>
        <p class="ringing-title">{t("reminders.rings")}</p>
        <ReminderWords reminder={reminder} message={message} />
        <div class="ringing-tools">
          <Button
            small
            kind="primary"
            icon={Check}
            onClick={() => void tell(actions.finishReminder(reminder.id))}
          >
            {t("reminders.done")}
          </Button>
          <Button small icon={Clock} onClick={() => setSnoozing(true)}>
            {t("reminders.snooze")}
          </Button>
          {message && message.deleted_at === null ? (
            <Button
              small
              icon={MessageSquareText}
              onClick={() => {
                hush();
                showMessage(message);
              }}
            >
              {t("reminders.show")}
            </Button>
          ) : null}
        </div>
      </div>
      <IconButton icon={X} small label={t("toast.close")} onClick={hush} />
      {isSnoozing ? <Snooze reminder={reminder} onClose={() => setSnoozing(false)} /> : null}
    </div>
  );
}
