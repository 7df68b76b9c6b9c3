// The people that an @word may mean, above the text; the keys stay in the text.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { User } from "../../protocol";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import "../../styles/mention-list.css";

interface MentionListProps {
  id: string;
  people: readonly User[];
  active: number;
  onChoose: (person: User) => void;
}

/** The id of an option, for aria-activedescendant. */
export function optionId(list: string, index: number): string {
  return `${list}-${index}`;
}

export function MentionList({ id, people, active, onChoose }: MentionListProps) {
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
          onClick={() => onChoose(person)}
        >
          <Avatar person={person} size={24} status={person.status} />
          <bdi class="mention-name">{person.name}</bdi>
          <span class="mention-handle">@{person.handle}</span>
        </div>
      ))}
    </div>
  );
}
