// A native dialog: Esc and the backdrop close it, and the focus goes back to where it was.
import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../../text/t";
import { IconButton } from "./IconButton";
import "../../styles/dialog.css";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  footer?: ComponentChildren;
  width?: "narrow" | "normal" | "broad";
  /** Shown without a head: the title is only spoken. */
  bare?: boolean;
  onSubmit?: () => void;
}

export function Dialog({
  title,
  onClose,
  children,
  footer,
  width = "normal",
  bare = false,
  onSubmit,
}: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const pressed = useRef<EventTarget | null>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return undefined;
    const before = document.activeElement as HTMLElement | null;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      dialog.close();
      if (before?.isConnected) before.focus();
    };
  }, []);

  const body = (
    <>
      <div class="dialog-body">{children}</div>
      {footer ? <div class="dialog-foot">{footer}</div> : null}
    </>
  );
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the key of the backdrop, and the dialog brings it itself.
    <dialog
      ref={ref}
      class={`dialog dialog-${width}${bare ? " dialog-bare" : ""}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={(event) => {
        // A press that began inside (text being marked, a button that moved away) is not meant for the backdrop.
        if (event.target === ref.current && pressed.current === ref.current) onClose();
      }}
    >
      <div class="dialog-card">
        <div class={bare ? "unseen" : "dialog-head"}>
          <h2 id={titleId}>{title}</h2>
          {bare ? null : <IconButton icon={X} label={t("dialog.close")} onClick={onClose} />}
        </div>
        {onSubmit ? (
          <form
            class="dialog-form"
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              onSubmit();
            }}
          >
            {body}
          </form>
        ) : (
          body
        )}
      </div>
    </dialog>
  );
}
