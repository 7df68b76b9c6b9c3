// Notifications on this device: what is possible here, the switch, and a test.
import { Bell } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { PushState } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { toast } from "../common/toasts";
import { useSubmit } from "../rooms/useSubmit";

export function PushCard() {
  const actions = useActions();
  const [state, setState] = useState<PushState | null>(null);
  const { isBusy, failure, run } = useSubmit();
  useEffect(() => run(async () => setState(await actions.pushState())), [actions]);
  const change = (on: boolean): void => run(async () => setState(await actions.switchPush(on)));
  const test = (): void =>
    run(async () => {
      await actions.testPush();
      toast(t("push.tested"));
    });
  const mayChange = state === "on" || state === "off";
  return (
    <section class="settings-card">
      <h2>{t("push.title")}</h2>
      {/* Says nothing until it is known: a switch that jumps is worse than one that comes late. */}
      <p class="field-hint" aria-live="polite">
        {state ? t(`push.${state}`) : ""}
      </p>
      <Failure text={failure} />
      {mayChange ? (
        <div class="settings-row">
          <Button
            icon={Bell}
            kind={state === "off" ? "primary" : "secondary"}
            busy={isBusy}
            onClick={() => change(state === "off")}
          >
            {state === "off" ? t("push.switch_on") : t("push.switch_off")}
          </Button>
          {state === "on" ? (
            <Button busy={isBusy} onClick={test}>
              {t("push.test")}
            </Button>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}
