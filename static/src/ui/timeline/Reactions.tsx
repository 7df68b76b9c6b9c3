// Reactions as pills: mine outlined, the names in the tooltip, one press adds or takes back.
import { SmilePlus } from "lucide-preact";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { EmojiSign } from "../common/EmojiSign";
import { tell } from "../common/toasts";
import { nameList, userName } from "../names";
import { me, users } from "../selectors";
import { ReactButton } from "./ReactButton";
import "../../styles/reactions.css";

interface ReactionsProps {
  message: Message;
  mayReact: boolean;
}

const NAMES_MAX_COUNT = 12;

export function Reactions({ message, mayReact }: ReactionsProps) {
  const actions = useActions();
  const mine = me.value.id;
  // Names follow when people are learned; the state itself changes far more often.
  void users.value;
  if (message.reactions.length === 0) return null;
  return (
    <ul class="reactions" aria-label={t("reactions.label")}>
      {message.reactions.map(({ emoji, users: by }) => {
        const isMine = by.includes(mine);
        const names = nameList(
          by.map((id) => (id === mine ? t("people.you") : userName(id, state.peek()))),
          NAMES_MAX_COUNT,
        );
        return (
          <li key={emoji}>
            <button
              type="button"
              class="reaction"
              aria-pressed={isMine}
              disabled={!mayReact}
              title={t("reactions.by", { names, emoji })}
              aria-label={t("reactions.pill", { emoji, n: by.length, names })}
              onClick={() =>
                void tell(isMine ? actions.unreact(message.id, emoji) : actions.react(message.id, emoji))
              }
            >
              <span class="reaction-emoji">
                <EmojiSign emoji={emoji} />
              </span>
              <span class="reaction-count">{by.length}</span>
            </button>
          </li>
        );
      })}
      {mayReact ? (
        <li>
          <ReactButton message={message} icon={SmilePlus} class="reaction reaction-add" />
        </li>
      ) : null}
    </ul>
  );
}
