// Said once, in passing: this can be an app of the device.
import { MonitorDown, X } from "lucide-preact";
import { t } from "../../text/t";
import { IconButton } from "../common/IconButton";
import { go } from "../route";
import { endHint, install, installState, showsHint } from "./install";
import "../../styles/install.css";

export function InstallHint() {
  if (!showsHint.value) return null;
  const isOffered = installState.value === "offered";
  return (
    <aside class="install-hint" aria-label={t("install.title")}>
      <button
        type="button"
        class="install-words"
        onClick={() => {
          if (isOffered) void install();
          else {
            endHint();
            go("/settings/appearance/");
          }
        }}
      >
        <MonitorDown size={16} strokeWidth={1.75} aria-hidden="true" />
        <span>{t(isOffered ? "install.hint" : "install.hint_by_hand")}</span>
      </button>
      <IconButton icon={X} small label={t("install.hint_close")} onClick={endHint} />
    </aside>
  );
}
