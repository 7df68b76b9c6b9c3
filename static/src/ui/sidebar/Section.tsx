// A part of the left column that folds; folded, it still shows what is unread in it. Rooms can be dropped on it.
import { ChevronDown } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { foldedTo, moved } from "../../store/sidebar";
import { state } from "../../store/signals";
import { useActions } from "../actions";
import { tell } from "../common/toasts";
import { folded, toggleFolded } from "../remembered";
import { allow, take, target } from "./dragging";

interface SectionProps {
  id: string;
  title: string;
  /** Where a room goes that is dropped here; null takes it out of all sections of mine. */
  drop: string | null;
  action?: ComponentChildren;
  children: ComponentChildren;
  /** Shown although the section is folded. */
  rest: ComponentChildren;
}

export function Section({ id, title, drop, action, children, rest }: SectionProps) {
  const actions = useActions();
  // Until it was read, as it was in this browser.
  const isFolded = state.value.sidebar?.folded.includes(id) ?? folded.value.has(id);
  const listId = useId();
  const over = target.value;
  const fold = (): void => {
    if (folded.peek().has(id) === isFolded) toggleFolded(id);
    void tell(actions.arrange(foldedTo(id, !isFolded)));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be moved by the menu of a room too.
    <section
      class="side-section"
      data-drop={(over?.part === id && over.before === null) || undefined}
      onDragOver={(event) => allow(event, id, null)}
      onDrop={(event) => {
        const room = take(event);
        if (room !== null) void tell(actions.arrange(moved(room, drop)));
      }}
    >
      <div class="side-section-head">
        <h2>
          <button
            type="button"
            class="side-fold"
            aria-expanded={!isFolded}
            aria-controls={listId}
            onClick={fold}
          >
            <ChevronDown size={14} strokeWidth={2.25} aria-hidden="true" />
            <bdi>{title}</bdi>
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
