// A part of the left column that folds; folded, it still shows what is unread in it.
import { ChevronDown } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { folded, toggleFolded } from "../remembered";

interface SectionProps {
  id: string;
  title: string;
  action?: ComponentChildren;
  children: ComponentChildren;
  /** Shown although the section is folded. */
  rest: ComponentChildren;
}

export function Section({ id, title, action, children, rest }: SectionProps) {
  const isFolded = folded.value.has(id);
  const listId = useId();
  return (
    <section class="side-section">
      <div class="side-section-head">
        <h2>
          <button
            type="button"
            class="side-fold"
            aria-expanded={!isFolded}
            aria-controls={listId}
            onClick={() => toggleFolded(id)}
          >
            <ChevronDown size={14} strokeWidth={2.25} aria-hidden="true" />
            {title}
          </button>
        </h2>
        {action}
      </div>
      <ul class="side-list" id={listId}>
        {isFolded ? rest : children}
      </ul>
    </section>
  );
}
