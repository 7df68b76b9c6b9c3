// The small toolbar of a message, shown while the pointer or the focus is on it.
import { Bell, Copy, Ellipsis, Link2, MessageSquareReply, Pencil, SmilePlus, Trash2 } from "lucide-preact";
import type { Message } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { copyText } from "../common/copy";
import { QUICK_EMOJI } from "../common/EmojiPicker";
import { IconButton } from "../common/IconButton";
import { MenuButton, type MenuItem } from "../common/Menu";
import { tell } from "../common/toasts";
import { dialog } from "../dialogs";
import { go, roomPath } from "../route";
import { me } from "../selectors";
import { editing } from "./editing";
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
          onClick={() => go(roomPath(message.room, { kind: "thread", message: message.id }))}
        />
      ) : null}
      <MenuButton
        icon={Ellipsis}
        small
        label={t("message.more")}
        items={itemsOf(message, rights)}
        onOpen={onHold}
      />
    </div>
  );
}

function itemsOf(message: Message, rights: MessageRights): MenuItem[] {
  const copy = { label: t("message.copy_text"), icon: Copy, choose: () => void copyText(message.body) };
  const items: MenuItem[] = [
    ...(message.body === "" ? [] : [copy]),
    { label: t("message.copy_link"), icon: Link2, choose: () => void copyText(linkOf(message)) },
    {
      label: t("message.remind"),
      icon: Bell,
      choose: () => {
        dialog.value = { kind: "remind", message: message.id };
      },
    },
  ];
  if (rights.edit) {
    items.unshift({
      label: t("message.edit"),
      icon: Pencil,
      choose: () => {
        editing.value = message.id;
      },
    });
  }
  if (rights.remove) {
    items.push({
      label: t("message.delete"),
      icon: Trash2,
      danger: true,
      apart: true,
      choose: () => {
        dialog.value = { kind: "delete_message", message: message.id };
      },
    });
  }
  return items;
}

function linkOf(message: Message): string {
  const { room, parent, seq } = message;
  return (
    location.origin +
    (parent === null ? `${roomPath(room)}?seq=${seq}` : roomPath(room, { kind: "thread", message: parent }))
  );
}
