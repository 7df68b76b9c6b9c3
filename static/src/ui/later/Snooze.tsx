// Until when a reminder is put off.
import { LIMITS, type Reminder } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { remindPresets } from "./times";
import { WhenDialog } from "./WhenDialog";

export function Snooze({ reminder, onClose }: { reminder: Reminder; onClose: () => void }) {
  const actions = useActions();
  return (
    <WhenDialog
      title={t("reminders.snooze")}
      submit={t("reminders.submit")}
      presets={remindPresets(Date.now())}
      onChoose={(dueAt, label) =>
        actions.changeReminder(reminder.id, { dueAt, label: label.slice(0, LIMITS.REMINDER_LABEL_MAX_CHARS) })
      }
      onClose={onClose}
    />
  );
}
