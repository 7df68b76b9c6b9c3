// The notes that are shown now; spoken politely, errors at once.
import { CircleAlert, CircleCheck, X } from "lucide-preact";
import { t } from "../../text/t";
import { IconButton } from "./IconButton";
import { closeToast, toasts } from "./toasts";
import "../../styles/toasts.css";

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => {
        const Icon = toast.kind === "error" ? CircleAlert : CircleCheck;
        return (
          <div key={toast.id} class={`toast toast-${toast.kind}`}>
            <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
            <p>{toast.text}</p>
            <IconButton icon={X} small label={t("toast.close")} onClick={() => closeToast(toast.id)} />
          </div>
        );
      })}
    </div>
  );
}
