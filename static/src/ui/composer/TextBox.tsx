// A text that grows with its lines: Enter sends, Shift+Enter breaks the line, @ opens the list of people.
// Enter never sends half a Korean syllable: keys that belong to a composition are left to the keyboard.
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { User } from "../../protocol";
import { state } from "../../store/signals";
import { useActions } from "../actions";
import { isComposing } from "../keys";
import { isTouch } from "../layout";
import { me } from "../selectors";
import { MentionList, optionId } from "./MentionList";
import { candidates, complete, type Mention, mentionAt } from "./mentions";
import "../../styles/text-box.css";

interface TextBoxProps {
  room: number;
  value: string;
  label: string;
  placeholder?: string;
  invalid?: boolean;
  describedBy?: string | undefined;
  autoFocus?: boolean;
  onInput: (text: string) => void;
  onSend: () => void;
  onEscape?: () => void;
  /** Arrow-Up in an empty text. */
  onUp?: () => void;
  onBlur?: () => void;
  /** Files that were pasted. */
  onFiles?: (files: File[]) => void;
}

export function TextBox(props: TextBoxProps) {
  const { room, value, onInput, onSend } = props;
  const actions = useActions();
  const ref = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number | null>(null);
  const asked = useRef<number | null>(null);
  const [mention, setMention] = useState<Mention | null>(null);
  const [active, setActive] = useState(0);
  const listId = useId();

  const people = mention ? candidates(peopleOf(room), mention.query, me.value.id) : [];
  const isListed = people.length > 0;
  const at = Math.min(active, people.length - 1);

  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    grow(box);
    if (caret.current === null) return;
    box.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [value]);

  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return undefined;
    // The number of lines also depends on the width.
    const observer = new ResizeObserver(() => grow(box));
    observer.observe(box.parentElement ?? box);
    if (props.autoFocus) {
      box.focus();
      box.setSelectionRange(box.value.length, box.value.length);
    }
    return () => observer.disconnect();
  }, []);

  const look = (box: HTMLTextAreaElement): void => {
    const isRange = box.selectionStart !== box.selectionEnd;
    const found = isRange ? null : mentionAt(box.value, box.selectionStart);
    setMention(found);
    setActive(0);
    if (found && asked.current !== room) {
      asked.current = room;
      // Without the list there are still the people that are known.
      actions.members(room).catch(() => undefined);
    }
  };

  const choose = (person: User): void => {
    const box = ref.current;
    if (!box || !mention) return;
    const next = complete(value, mention, box.selectionStart, person.handle);
    caret.current = next.caret;
    setMention(null);
    onInput(next.text);
    box.focus();
  };

  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const person = people[at];
    if (isListed && person) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        setActive((at + step + people.length) % people.length);
        return;
      }
      if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") {
        event.preventDefault();
        choose(person);
        return;
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        setMention(null);
        return;
      }
    }
    const isSend = event.key === "Enter" && !event.shiftKey && !event.altKey;
    if (isSend && (!isTouch() || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSend();
    } else if (event.key === "Escape" && props.onEscape) {
      event.preventDefault();
      event.stopPropagation();
      props.onEscape();
    } else if (
      event.key === "ArrowUp" &&
      value === "" &&
      props.onUp &&
      !event.shiftKey &&
      !event.altKey &&
      !event.metaKey
    ) {
      event.preventDefault();
      props.onUp();
    }
  };

  return (
    <div class="text-box">
      {isListed ? <MentionList id={listId} people={people} active={at} onChoose={choose} /> : null}
      <textarea
        ref={ref}
        class="text-box-area"
        rows={1}
        dir="auto"
        value={value}
        aria-label={props.label}
        placeholder={props.placeholder}
        aria-invalid={props.invalid || undefined}
        aria-describedby={props.describedBy}
        aria-autocomplete="list"
        aria-controls={isListed ? listId : undefined}
        aria-activedescendant={isListed ? optionId(listId, at) : undefined}
        autocomplete="off"
        enterkeyhint={isTouch() ? "enter" : "send"}
        onInput={(event) => {
          onInput(event.currentTarget.value);
          look(event.currentTarget);
        }}
        onClick={(event) => look(event.currentTarget)}
        onKeyUp={(event) => {
          if (event.key.startsWith("Arrow") && !isListed) look(event.currentTarget);
        }}
        onKeyDown={press}
        onPaste={(event) => {
          const files = [...(event.clipboardData?.files ?? [])];
          // What an office program copies comes as a picture too: its text is what was meant.
          if (!props.onFiles || files.length === 0 || event.clipboardData?.types.includes("text/plain"))
            return;
          event.preventDefault();
          props.onFiles(files);
        }}
        onBlur={() => {
          setMention(null);
          props.onBlur?.();
        }}
      />
    </div>
  );
}

function peopleOf(room: number): User[] {
  const { rooms, users } = state.value;
  const members = rooms.get(room)?.members;
  if (members) return members.map(({ user }) => users.get(user.id) ?? user);
  return [...users.values()];
}

function grow(box: HTMLTextAreaElement): void {
  const place = box.parentElement;
  // While it is measured nothing else may move: the list above would lose its end.
  if (place) place.style.height = `${place.offsetHeight}px`;
  box.style.height = "0";
  box.style.height = `${box.scrollHeight}px`;
  if (place) place.style.height = "";
}
