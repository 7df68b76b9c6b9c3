// The emoji that a :name may mean, above the text; the keys stay in the text.
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../text/t";
import type { EmojiChoice } from "./emojiWords";
import { optionId } from "./MentionList";
import "../../styles/mention-list.css";

interface EmojiListProps {
  id: string;
  choices: readonly EmojiChoice[];
  active: number;
  onChoose: (choice: EmojiChoice) => void;
}

export function EmojiList({ id, choices, active, onChoose }: EmojiListProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    ref.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={ref} class="mention-list" role="listbox" id={id} aria-label={t("composer.emoji_list")}>
      {choices.map((choice, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text keeps the focus and has the keys.
        // biome-ignore lint/a11y/useFocusableInteractive: named by aria-activedescendant instead.
        <div
          key={choice.text}
          id={optionId(id, index)}
          class="mention-option"
          role="option"
          aria-selected={index === active}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(choice)}
        >
          <span class="emoji-option">
            {choice.url ? <img class="emoji-image" src={choice.url} alt="" /> : choice.text}
          </span>
          <span class="mention-name">{choice.name}</span>
        </div>
      ))}
    </div>
  );
}
