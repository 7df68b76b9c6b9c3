// The people that an @word may mean, then what calls many, above the text; the keys stay in the text.
import { Megaphone, Radio, Users } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { User } from "../../protocol";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import type { CallChoice } from "./calls";
import "../../styles/mention-list.css";

interface MentionListProps {
  id: string;
  people: readonly User[];
  calls?: readonly CallChoice[];
  active: number;
  /** What is written behind the @. */
  onChoose: (word: string) => void;
}

/** The id of an option, for aria-activedescendant. */
export function optionId(list: string, index: number): string {
  return `${list}-${index}`;
}

export function MentionList({ id, people, calls = [], active, onChoose }: MentionListProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    ref.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={ref} class="mention-list" role="listbox" id={id} aria-label={t("composer.mention_list")}>
      {people.map((person, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text keeps the focus and has the keys.
        // biome-ignore lint/a11y/useFocusableInteractive: named by aria-activedescendant instead.
        <div
          key={person.id}
          id={optionId(id, index)}
          class="mention-option"
          role="option"
          aria-selected={index === active}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(person.handle)}
        >
          <Avatar person={person} size={24} status={person.status} />
          <bdi class="mention-name">{person.name}</bdi>
          <span class="mention-handle">@{person.handle}</span>
        </div>
      ))}
      {calls.map((call, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text keeps the focus and has the keys.
        // biome-ignore lint/a11y/useFocusableInteractive: named by aria-activedescendant instead.
        <div
          key={call.word}
          id={optionId(id, people.length + index)}
          class="mention-option"
          role="option"
          aria-selected={people.length + index === active}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(call.word)}
        >
          <span class="call-icon">
            <Icon kind={call.kind} />
          </span>
          <span class="mention-name">@{call.word}</span>
          <span class="mention-handle">{hintOf(call)}</span>
        </div>
      ))}
    </div>
  );
}

function Icon({ kind }: { kind: CallChoice["kind"] }) {
  const Sign = kind === "group" ? Users : kind === "here" ? Radio : Megaphone;
  return <Sign size={15} strokeWidth={2} aria-hidden="true" />;
}

/** What it does, in a word, and to how many. */
function hintOf({ kind, name, people }: CallChoice): string {
  const what = kind === "group" ? name : t(`calls.${kind}`);
  return people === null ? String(what) : `${what} · ${t("calls.people", { n: people })}`;
}
