// What stands beside the room, over it in the middle width, and in its place on a phone.
import { ArrowLeft, X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../../text/t";
import { layout } from "../layout";
import { IconButton } from "./IconButton";
import "../../styles/panel.css";

interface PanelProps {
  title: string;
  detail?: string;
  onClose: () => void;
  /** What can be done with the whole of it, beside its name. */
  action?: ComponentChildren;
  children: ComponentChildren;
}

export function Panel({ title, detail, onClose, action, children }: PanelProps) {
  const titleId = useId();
  const ref = useRef<HTMLElement>(null);
  const isPhone = layout.value === "phone";
  // On a phone it stands in the place of the room, and is the page.
  const Place = isPhone ? "main" : "aside";
  const Heading = isPhone ? "h1" : "h2";

  useEffect(() => {
    const panel = ref.current;
    // A panel with a text to write in has taken the focus itself.
    if (panel && !panel.contains(document.activeElement))
      panel.querySelector<HTMLElement>("[tabindex]")?.focus();
  }, []);

  return (
    <Place
      ref={ref}
      class="panel"
      id={isPhone ? "main" : undefined}
      data-column
      aria-labelledby={titleId}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <header class="panel-head">
        {isPhone ? <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={onClose} /> : null}
        <div class="panel-titles">
          <Heading id={titleId} tabIndex={-1}>
            {title}
          </Heading>
          {detail ? (
            <p>
              <bdi>{detail}</bdi>
            </p>
          ) : null}
        </div>
        {action}
        {isPhone ? null : <IconButton icon={X} label={t("panel.close")} onClick={onClose} />}
      </header>
      {children}
    </Place>
  );
}
