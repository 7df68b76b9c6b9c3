// Stands where the text would be written: why it cannot, and what to do instead.
import type { LucideIcon } from "lucide-preact";
import type { ComponentChildren } from "preact";

interface ClosedNoteProps {
  text: string;
  icon?: LucideIcon;
  children?: ComponentChildren;
}

export function ClosedNote({ text, icon: Icon, children }: ClosedNoteProps) {
  return (
    <div class="composer-place">
      <div class="composer-closed">
        <p>
          {Icon ? <Icon size={16} strokeWidth={2} aria-hidden="true" /> : null}
          {text}
        </p>
        {children}
      </div>
    </div>
  );
}
