// How this device tells of what is said to me while Maru is open: a sound, a notification of the desktop.
import { Volume2 } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { toast } from "../common/toasts";
import { me } from "../selectors";
import { bellChoice, chooseBell, SOUNDS, startBellChoice } from "./choices";
import { play } from "./sounds";

type Leave = NotificationPermission | "unsupported";

export function BellCard() {
  const user = me.value.id;
  const { sound, isShown } = bellChoice.value;
  const [leave, setLeave] = useState<Leave>(leaveNow);
  useEffect(() => startBellChoice(user), [user]);
  const show = async (isWanted: boolean): Promise<void> => {
    if (isWanted && leave === "default") {
      const given = await Notification.requestPermission();
      setLeave(given);
      if (given !== "granted") return;
    }
    chooseBell(user, { isShown: isWanted });
  };
  const listen = async (): Promise<void> => {
    if (!(await play(sound))) toast(t("bell.silent"), "error");
  };
  return (
    <section class="settings-card">
      <h2>{t("bell.title")}</h2>
      <label class="switch-row">
        <input
          type="checkbox"
          class="switch"
          checked={isShown && leave === "granted"}
          disabled={leave === "denied" || leave === "unsupported"}
          onChange={(event) => {
            const field = event.currentTarget;
            void show(field.checked).finally(() => {
              field.checked = bellChoice.peek().isShown;
            });
          }}
        />
        <span>
          <span class="switch-name">{t("bell.show")}</span>
          <span class="field-hint">{t(hintOf(leave))}</span>
        </span>
      </label>
      <fieldset class="field">
        <legend class="field-label">{t("bell.sound")}</legend>
        <div class="choices-row">
          {SOUNDS.map((choice) => (
            <label key={choice} class="choice">
              <input
                type="radio"
                name="sound"
                checked={sound === choice}
                onChange={() => {
                  chooseBell(user, { sound: choice });
                  void play(choice);
                }}
              />
              <span class="choice-name">{t(`bell.sound_${choice}`)}</span>
            </label>
          ))}
        </div>
        <p class="field-hint">{t("bell.sound_hint")}</p>
      </fieldset>
      {sound === "none" ? null : (
        <div class="settings-row">
          <Button icon={Volume2} onClick={() => void listen()}>
            {t("bell.listen")}
          </Button>
        </div>
      )}
    </section>
  );
}

function leaveNow(): Leave {
  return "Notification" in globalThis && "serviceWorker" in navigator
    ? Notification.permission
    : "unsupported";
}

function hintOf(leave: Leave) {
  if (leave === "denied") return "push.blocked" as const;
  return leave === "unsupported" ? ("bell.unsupported" as const) : ("bell.show_hint" as const);
}
