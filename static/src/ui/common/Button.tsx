// A button with words. `busy` keeps its width and says that it works.
import type { LucideIcon } from "lucide-preact";
import type { ComponentChildren } from "preact";
import "../../styles/button.css";

interface ButtonProps {
  kind?: "primary" | "secondary" | "danger" | "quiet";
  type?: "button" | "submit";
  icon?: LucideIcon;
  busy?: boolean;
  disabled?: boolean;
  small?: boolean;
  onClick?: (event: MouseEvent) => void;
  children: ComponentChildren;
  expanded?: boolean;
}

export function Button({ kind = "secondary", type = "button", busy = false, ...props }: ButtonProps) {
  const Icon = props.icon;
  return (
    <button
      type={type}
      class={`button button-${kind}${props.small ? " button-small" : ""}`}
      disabled={props.disabled || busy}
      aria-busy={busy || undefined}
      aria-expanded={props.expanded}
      onClick={props.onClick}
    >
      {Icon ? <Icon size={16} strokeWidth={1.75} aria-hidden="true" /> : null}
      <span class="button-words">{props.children}</span>
    </button>
  );
}
