// Stands where the text would be written: why it cannot, and what to do instead.
import type { ComponentChildren } from "preact";

export function ClosedNote({ text, children }: { text: string; children?: ComponentChildren }) {
  return (
    <div class="composer-place">
      <div class="composer-closed">
        <p>{text}</p>
        {children}
      </div>
    </div>
  );
}
