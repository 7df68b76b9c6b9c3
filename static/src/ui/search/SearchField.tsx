// Where a search is typed: an operator that is not finished offers people, rooms or its words.
import { Hash, Lock, Search, UsersRound, X } from "lucide-preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { User } from "../../protocol";
import { roomList, state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { IconButton } from "../common/IconButton";
import { isComposing } from "../keys";
import { search } from "../match";
import { peersOf, roomName } from "../names";
import { me } from "../selectors";
import { type Open, openAt, put, VALUES } from "./suggest";
import "../../styles/switcher.css";

interface Choice {
  key: string;
  value: string;
  user?: User;
  room?: Room;
}

interface SearchFieldProps {
  text: string;
  placeholder: string;
  onText: (text: string) => void;
  /** At once, without a wait for more. */
  onEnter: (text: string) => void;
}

const SHOWN_MAX_COUNT = 8;
const PAUSE_MS = 160;

export function SearchField({ text, placeholder, onText, onEnter }: SearchFieldProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const caretAfter = useRef<number | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const [active, setActive] = useState(0);
  const found = usePeople(open?.operator === "from" ? open.typed : null);
  const choices = open ? choicesFor(open, found) : [];
  const at = Math.min(active, choices.length - 1);

  useLayoutEffect(() => {
    if (caretAfter.current === null) return;
    field.current?.setSelectionRange(caretAfter.current, caretAfter.current);
    caretAfter.current = null;
    look();
  }, [text]);
  // Also what a hint has put in from outside.
  useEffect(() => {
    if (document.activeElement === field.current) look();
  }, [text]);

  const look = (): void => {
    const input = field.current;
    setOpen(input ? openAt(input.value, input.selectionStart ?? input.value.length) : null);
    setActive(0);
  };
  const choose = (choice: Choice | undefined): void => {
    const input = field.current;
    if (!choice || !open || !input) return;
    const done = put(input.value, open, input.selectionStart ?? input.value.length, choice.value);
    caretAfter.current = done.caret;
    setOpen(null);
    onText(done.text);
    input.focus();
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (choices.length > 0 && step !== 0) setActive((at + step + choices.length) % choices.length);
    else if (choices.length > 0 && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey)
      choose(choices[at]);
    else if (choices.length > 0 && event.key === "Escape") setOpen(null);
    else if (event.key === "Enter") onEnter(field.current?.value ?? text);
    else return;
    event.preventDefault();
  };

  return (
    <div class="seek-field">
      <Search size={18} strokeWidth={1.75} aria-hidden="true" />
      <input
        ref={field}
        class="seek-text"
        type="text"
        role="combobox"
        enterkeyhint="search"
        aria-label={t("search.label")}
        aria-expanded={choices.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={choices.length > 0 ? `${id}-${at}` : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        dir="auto"
        maxLength={200}
        placeholder={placeholder}
        value={text}
        data-search-field
        onInput={(event) => {
          onText(event.currentTarget.value);
          look();
        }}
        onKeyDown={press}
        onClick={look}
        onBlur={() => setOpen(null)}
      />
      {text ? (
        <IconButton
          icon={X}
          small
          label={t("search.clear")}
          onClick={() => {
            onEnter("");
            field.current?.focus();
          }}
        />
      ) : null}
      <div
        class="seek-choices"
        role="listbox"
        id={`${id}-list`}
        aria-label={t("switcher.found")}
        hidden={choices.length === 0}
      >
        {choices.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field keeps the focus and has the keys.
          // biome-ignore lint/a11y/useFocusableInteractive: named by aria-activedescendant instead.
          <div
            key={choice.key}
            id={`${id}-${index}`}
            class="switcher-option"
            role="option"
            aria-selected={index === at}
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(choice)}
          >
            <ChoiceWords choice={choice} />
          </div>
        ))}
      </div>
    </div>
  );
}

function ChoiceWords({ choice }: { choice: Choice }) {
  const { user, room, value } = choice;
  if (user) {
    return (
      <>
        <Avatar person={user} size={24} />
        <bdi class="mention-name">{user.name}</bdi>
        <span class="mention-handle">@{user.handle}</span>
      </>
    );
  }
  if (!room) return <code class="seek-value">{value}</code>;
  const Sign = room.state.kind === "direct" ? UsersRound : room.state.kind === "closed" ? Lock : Hash;
  return (
    <>
      <span class="room-link-sign">
        <Sign size={17} strokeWidth={2} aria-hidden="true" />
      </span>
      <bdi class="mention-name">{roomName(room, state.value)}</bdi>
    </>
  );
}

/** People whose names hold what is typed; null asks nobody. */
function usePeople(typed: string | null): readonly User[] {
  const actions = useActions();
  const [found, setFound] = useState<readonly User[]>([]);
  useEffect(() => {
    if (!typed) return undefined;
    let isGone = false;
    const timer = setTimeout(() => {
      // Those who are here already are offered anyway.
      actions.people(typed.replace(/^@/, "")).then(
        (people) => {
          if (!isGone) setFound(people);
        },
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [typed]);
  return found;
}

function choicesFor({ operator, typed }: Open, found: readonly User[]): Choice[] {
  const now = state.value;
  if (operator === "has" || operator === "is") {
    const values = VALUES[operator].filter((value) => value.startsWith(typed.toLowerCase()));
    return values.filter((value) => value !== typed).map((value) => ({ key: value, value }));
  }
  if (operator === "in") {
    const mine = roomList.value.filter((room) => room.state.role !== null);
    const rooms = search(mine, typed.replace(/^[#@]/, ""), (room) => [
      roomName(room, now),
      ...peersOf(room, now).map(({ handle }) => handle),
    ]);
    return rooms.flatMap((room) => roomChoice(room)).slice(0, SHOWN_MAX_COUNT);
  }
  const known = new Map([...now.users.values(), ...found].map((user) => [user.id, user]));
  // Oneself first: it is what one looks for most.
  const everybody = [...known.values()].sort(
    (a, b) => Number(b.id === me.value.id) - Number(a.id === me.value.id),
  );
  return search(everybody, typed.replace(/^@/, ""), (user) => [user.name, user.handle])
    .slice(0, SHOWN_MAX_COUNT)
    .map((user) => ({ key: `u${user.id}`, value: user.handle, user }));
}

/** A direct conversation of two is named by the other one; one of more people has no name to type. */
function roomChoice(room: Room): Choice[] {
  const key = `r${room.state.id}`;
  if (room.state.kind !== "direct") return [{ key, value: room.state.name, room }];
  const peers = peersOf(room, state.value);
  return peers.length === 1 && peers[0] ? [{ key, value: `@${peers[0].handle}`, room, user: peers[0] }] : [];
}
