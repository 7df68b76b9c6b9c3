// In the settings: Maru as an app of this device.
import { CircleCheck, MonitorDown } from "lucide-preact";
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { install, installState } from "./install";

export function InstallCard() {
  const state = installState.value;
  return (
    <section class="settings-card">
      <h2>{t("install.title")}</h2>
      <p class="field-hint" aria-live="polite">
        {state === "installed" ? <CircleCheck size={16} strokeWidth={2} aria-hidden="true" /> : null}{" "}
        {t(`install.${state}`)}
      </p>
      {state === "offered" ? (
        <div class="settings-row">
          <Button icon={MonitorDown} kind="primary" onClick={() => void install()}>
            {t("install.button")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
