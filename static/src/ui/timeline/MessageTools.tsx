// The small toolbar of a message, shown while the pointer or the focus is on it.
import { Bookmark, BookmarkCheck, Ellipsis, MessageSquareReply, SmilePlus } from "lucide-preact";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { QUICK_EMOJI } from "../common/EmojiPicker";
import { IconButton } from "../common/IconButton";
import { MenuButton } from "../common/Menu";
import { tell } from "../common/toasts";
import { itemsOf, save } from "../marks/messageItems";
import { go, roomPath } from "../route";
import { me } from "../selectors";
import { ReactButton } from "./ReactButton";
import type { MessageRights } from "./rights";
import "../../styles/message-tools.css";

interface MessageToolsProps {
  message: Message;
  rights: MessageRights;
  mayReply: boolean;
  /** A menu or the picker is open: the toolbar stays although the pointer has left. */
  onHold: (isHeld: boolean) => void;
}

export function MessageTools({ message, rights, mayReply, onHold }: MessageToolsProps) {
  const actions = useActions();
  const mine = me.value.id;
  const isSaved = state.value.later.saved?.has(message.id) === true;
  const toggle = (emoji: string): void => {
    const isMine = message.reactions.some(
      (reaction) => reaction.emoji === emoji && reaction.users.includes(mine),
    );
    void tell(isMine ? actions.unreact(message.id, emoji) : actions.react(message.id, emoji));
  };
  return (
    <div class="message-tools" role="toolbar" aria-label={t("message.tools")}>
      {rights.react
        ? QUICK_EMOJI.map((emoji) => (
            <button
              key={emoji}
              type="button"
              class="icon-button icon-button-small quick-emoji"
              aria-label={t("message.react_with", { emoji })}
              title={t("message.react_with", { emoji })}
              onClick={() => toggle(emoji)}
            >
              {emoji}
            </button>
          ))
        : null}
      {rights.react ? <ReactButton message={message} icon={SmilePlus} onOpen={onHold} /> : null}
      {mayReply ? (
        <IconButton
          icon={MessageSquareReply}
          small
          label={t("message.reply")}
          onClick={() =>
            go(roomPath(message.room, { kind: "thread", message: message.parent ?? message.id }))
          }
        />
      ) : null}
      <IconButton
        icon={isSaved ? BookmarkCheck : Bookmark}
        small
        pressed={isSaved}
        label={t("saved.save")}
        onClick={() => void save(actions, message.id, !isSaved)}
      />
      <MenuButton
        icon={Ellipsis}
        small
        label={t("message.more")}
        items={itemsOf(message, rights, actions)}
        onOpen={onHold}
      />
    </div>
  );
}
