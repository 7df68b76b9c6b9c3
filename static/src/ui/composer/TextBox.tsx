// A text that grows with its lines: Enter sends, Shift+Enter breaks the line, @ opens the list of people.
// Enter never sends half a Korean syllable: keys that belong to a composition are left to the keyboard.
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { User } from "../../protocol";
import { state } from "../../store/signals";
import { language } from "../../text/t";
import { useActions } from "../actions";
import { isComposing } from "../keys";
import { isTouch } from "../layout";
import { me } from "../selectors";
import { type CallReach, callChoices, groups, lookAtCalls, readGroups } from "./calls";
import { EmojiList } from "./EmojiList";
import { completeEmoji, type EmojiChoice, type EmojiWord, emojiWordAt, findEmoji } from "./emojiWords";
import { type Edit, format, formatOf, nextItem, pasteLink } from "./formatting";
import { MentionList, optionId } from "./MentionList";
import { candidates, complete, type Mention, mentionAt } from "./mentions";
import { write } from "./write";
import "../../styles/text-box.css";

interface TextBoxProps {
  room: number;
  /** An answer in a thread, where the room is not called. */
  isAnswer?: boolean;
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

  const [emojis, setEmojis] = useState<{ word: EmojiWord; choices: EmojiChoice[] } | null>(null);
  // Of several answers that are under way the last question's counts.
  const question = useRef(0);

  const [reaches, setReaches] = useState<readonly CallReach[]>([]);
  const mayCallRoom = !props.isAnswer && state.value.rooms.get(room)?.state.kind !== "direct";
  const offered = (query: string) =>
    callChoices({ query, language: language(), groups: groups.value, reaches, mayCallRoom });

  const people = mention ? candidates(peopleOf(room), mention.query, me.value.id) : [];
  const calls = mention ? offered(mention.query) : [];
  const named = people.length + calls.length;
  const choices = named > 0 ? [] : (emojis?.choices ?? []);
  const listed = named + choices.length;
  const isListed = listed > 0;
  const at = Math.min(active, listed - 1);

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
    lookForEmoji(isRange ? null : emojiWordAt(box.value, box.selectionStart));
    if (found && asked.current !== room) {
      asked.current = room;
      // Without the list there are still the people that are known.
      actions.members(room).catch(() => undefined);
    }
    if (found && !mention) {
      void readGroups(actions.rest);
      if (mayCallRoom) lookAtCalls(actions.rest, room, ["here", "room"]).then(setReaches, () => undefined);
    }
  };

  const lookForEmoji = (word: EmojiWord | null): void => {
    const mine = ++question.current;
    if (!word) {
      setEmojis(null);
      return;
    }
    findEmoji(word.query)
      .then((choices) => {
        if (mine === question.current) setEmojis(choices.length > 0 ? { word, choices } : null);
      })
      // Without the data there is still the picker, which tells so.
      .catch(() => undefined);
  };

  const close = (): void => {
    question.current++;
    setMention(null);
    setEmojis(null);
  };

  const chooseEmoji = (choice: EmojiChoice): void => {
    const box = ref.current;
    if (!box || !emojis) return;
    const next = completeEmoji(box.value, emojis.word, box.selectionStart, choice.text);
    caret.current = next.caret;
    close();
    onInput(next.text);
    box.focus();
  };

  const change = (edit: Edit | null): boolean => {
    if (!edit || !ref.current) return false;
    write(ref.current, edit);
    return true;
  };

  const choose = (word: string): void => {
    const box = ref.current;
    if (!box || !mention) return;
    const next = complete(value, mention, box.selectionStart, word);
    caret.current = next.caret;
    setMention(null);
    onInput(next.text);
    box.focus();
  };

  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const word = people[at]?.handle ?? calls[at - people.length]?.word;
    const choice = choices[at];
    if (isListed) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        setActive((at + step + listed) % listed);
        return;
      }
      if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") {
        event.preventDefault();
        if (word !== undefined) choose(word);
        else if (choice) chooseEmoji(choice);
        return;
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        close();
        return;
      }
    }
    const box = event.currentTarget as HTMLTextAreaElement;
    const kind = formatOf(event);
    if (kind) {
      event.preventDefault();
      change(format(box.value, box.selectionStart, box.selectionEnd, kind));
      return;
    }
    const isLine = event.key === "Enter" && !event.ctrlKey && !event.metaKey && (event.shiftKey || isTouch());
    if (
      isLine &&
      box.selectionStart === box.selectionEnd &&
      change(nextItem(box.value, box.selectionStart))
    ) {
      event.preventDefault();
      return;
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
      {named > 0 ? (
        <MentionList id={listId} people={people} calls={calls} active={at} onChoose={choose} />
      ) : null}
      {choices.length > 0 ? (
        <EmojiList id={listId} choices={choices} active={at} onChoose={chooseEmoji} />
      ) : null}
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
          const box = event.currentTarget;
          const pasted = event.clipboardData?.getData("text/plain") ?? "";
          if (change(pasteLink(box.value, box.selectionStart, box.selectionEnd, pasted))) {
            event.preventDefault();
            return;
          }
          const files = [...(event.clipboardData?.files ?? [])];
          // What an office program copies comes as a picture too: its text is what was meant.
          if (!props.onFiles || files.length === 0 || event.clipboardData?.types.includes("text/plain"))
            return;
          event.preventDefault();
          props.onFiles(files);
        }}
        onBlur={() => {
          close();
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
