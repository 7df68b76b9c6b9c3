// Choosing people by name: chips of those chosen, a text to search with, a list to choose from with the keyboard.
import { X } from "lucide-preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { User } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { errorText } from "../errors";
import { isComposing } from "../keys";
import { me } from "../selectors";
import { Avatar } from "./Avatar";
import { Failed } from "./States";
import "../../styles/people-picker.css";

interface PeoplePickerProps {
  label: string;
  chosen: readonly User[];
  onChange: (people: User[]) => void;
  /** People who cannot be chosen, because they are there already. */
  without?: ReadonlySet<number>;
  max?: number;
  /** I can be chosen too. */
  withMe?: boolean;
  autoFocus?: boolean;
}

const PAUSE_MS = 160;

export function PeoplePicker({
  label,
  chosen,
  onChange,
  without,
  max = 50,
  withMe = false,
  autoFocus = false,
}: PeoplePickerProps) {
  const actions = useActions();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<readonly User[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const [isOpen, setOpen] = useState(autoFocus);
  const [trial, setTrial] = useState(0);

  useEffect(() => {
    let isGone = false;
    const ask = (): void => {
      actions.people(query).then(
        (people) => {
          if (isGone) return;
          setFound(people);
          setFailure(null);
          setActive(0);
        },
        (error: unknown) => {
          if (!isGone) setFailure(errorText(error));
        },
      );
    };
    const timer = setTimeout(ask, found === null ? 0 : PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [query, trial]);

  const taken = new Set(chosen.map((person) => person.id));
  const isFull = chosen.length >= max;
  const all = (found ?? []).filter(
    (person) => (withMe || person.id !== me.value.id) && !taken.has(person.id) && !without?.has(person.id),
  );
  const options = isOpen ? all : [];
  const at = Math.min(active, options.length - 1);

  const add = (person: User | undefined): void => {
    if (!person || isFull) return;
    onChange([...chosen, person]);
    setQuery("");
    input.current?.focus();
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (options.length > 0) setActive((at + step + options.length) % options.length);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      // Enter with nothing typed is meant for the dialog.
      if (query === "" && chosen.length > 0) return;
      event.preventDefault();
      add(options[at]);
    } else if (event.key === "Backspace" && query === "" && chosen.length > 0) onChange(chosen.slice(0, -1));
  };

  return (
    <div class="people-picker">
      <label class="field-label" for={`${id}-text`}>
        {label}
      </label>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a larger target for the field inside. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a larger target for the field inside. */}
      <div class="people-field input" onClick={() => input.current?.focus()}>
        {chosen.map((person) => (
          <span key={person.id} class="chip">
            <Avatar person={person} size={20} />
            <bdi>{person.name}</bdi>
            <button
              type="button"
              class="chip-remove"
              aria-label={t("people.take_out", { name: person.name })}
              onClick={() => onChange(chosen.filter((other) => other.id !== person.id))}
            >
              <X size={14} strokeWidth={2} aria-hidden="true" />
            </button>
          </span>
        ))}
        <input
          ref={input}
          id={`${id}-text`}
          class="people-text"
          type="text"
          role="combobox"
          autocomplete="off"
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={options.length > 0 ? `${id}-${at}` : undefined}
          value={query}
          placeholder={chosen.length === 0 ? t("people.search") : ""}
          data-autofocus={autoFocus || undefined}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={press}
          // It stays open: closing when the focus goes would move the button that is being pressed.
          onFocus={() => setOpen(true)}
        />
      </div>
      {failure ? <Failed text={failure} onRetry={() => setTrial(trial + 1)} /> : null}
      <div class="people-options" role="listbox" id={`${id}-list`} aria-label={t("people.found")}>
        {options.map((person, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field keeps the focus and has the keys.
          // biome-ignore lint/a11y/useFocusableInteractive: named by aria-activedescendant instead.
          <div
            key={person.id}
            id={`${id}-${index}`}
            class="mention-option"
            role="option"
            aria-selected={index === at}
            aria-disabled={isFull || undefined}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => add(person)}
          >
            <Avatar person={person} size={28} status={person.status} />
            <bdi class="mention-name">{person.name}</bdi>
            <span class="mention-handle">@{person.handle}</span>
          </div>
        ))}
      </div>
      {isOpen && found && all.length === 0 && !failure ? <p class="people-none">{t("people.none")}</p> : null}
    </div>
  );
}
