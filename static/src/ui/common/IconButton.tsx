// A button that is only an icon: it always has a name, which is its tooltip too.
import type { LucideIcon } from "lucide-preact";
import type { ComponentChildren, Ref } from "preact";
import "../../styles/button.css";

interface IconButtonProps {
  icon: LucideIcon;
  label: string;
  onClick?: (event: MouseEvent) => void;
  pressed?: boolean;
  expanded?: boolean;
  popup?: "menu" | "dialog" | "listbox";
  disabled?: boolean;
  small?: boolean;
  class?: string;
  keys?: string;
  type?: "button" | "submit";
  buttonRef?: Ref<HTMLButtonElement>;
  tabIndex?: number;
  children?: ComponentChildren;
}

export function IconButton(props: IconButtonProps) {
  const { icon: Icon, label, pressed, expanded, popup, small, keys, buttonRef, type = "button" } = props;
  return (
    <button
      ref={buttonRef ?? null}
      type={type}
      class={`icon-button${small ? " icon-button-small" : ""}${props.class ? ` ${props.class}` : ""}`}
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-haspopup={popup}
      disabled={props.disabled}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      <Icon size={small ? 16 : 18} strokeWidth={1.75} aria-hidden="true" />
      {props.children}
    </button>
  );
}
