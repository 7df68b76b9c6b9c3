// The menu of a message, in groups: what is said with it, what I note for myself, what is taken along, and its end.
import {
  Bell,
  BookmarkCheck,
  BookmarkPlus,
  Copy,
  CornerUpLeft,
  Eye,
  Flag,
  Forward,
  Link2,
  ListChecks,
  MailOpen,
  Pencil,
  Pin,
  PinOff,
  ShieldAlert,
  Trash2,
} from "lucide-preact";
import type { Actions } from "../../net/actions";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { copyText } from "../common/copy";
import type { MenuItem } from "../common/Menu";
import { tell, toast } from "../common/toasts";
import { dialog } from "../dialogs";
import { isTouch } from "../layout";
import { showsSeen } from "../seen/useSeen";
import { editing } from "../timeline/editing";
import type { MessageRights } from "../timeline/rights";
import { messagePath } from "./place";
import { quoteHere } from "./quoting";
import { startSelection } from "./selection";

/** What can be done with a message; what cannot be is not there. */
export function itemsOf(message: Message, rights: MessageRights, actions: Actions): MenuItem[] {
  const groups = [
    said(message, rights),
    noted(message, rights, actions),
    taken(message),
    ended(message, rights),
  ];
  return groups.flatMap((group, at) =>
    group.map((item, index) => ({ ...item, apart: at > 0 && index === 0 && groups[at - 1]!.length > 0 })),
  );
}

function said(message: Message, rights: MessageRights): MenuItem[] {
  const items: MenuItem[] = [];
  if (rights.edit)
    items.push({ label: t("message.edit"), icon: Pencil, choose: () => (editing.value = message.id) });
  if (rights.write)
    items.push({ label: t("quote.answer"), icon: CornerUpLeft, choose: () => answer(message) });
  items.push({
    label: t("forward.open"),
    icon: Forward,
    choose: () => (dialog.value = { kind: "forward", messages: [message] }),
  });
  return items;
}

function noted(message: Message, rights: MessageRights, actions: Actions): MenuItem[] {
  const isSaved = state.value.later.saved?.has(message.id) === true;
  const items: MenuItem[] = [
    {
      label: t(isSaved ? "saved.remove" : "saved.save"),
      icon: isSaved ? BookmarkCheck : BookmarkPlus,
      choose: () => void save(actions, message.id, !isSaved),
    },
    {
      label: t("message.remind"),
      icon: Bell,
      choose: () => (dialog.value = { kind: "remind", message: message.id }),
    },
  ];
  if (rights.markUnread && message.msg_no !== null) {
    const before = message.msg_no - 1;
    items.push({
      label: t("unread.mark"),
      icon: MailOpen,
      choose: () => void markUnread(actions, message.room, before),
    });
  }
  if (rights.pin) {
    items.push({
      label: t(message.pinned ? "pins.unpin" : "pins.pin"),
      icon: message.pinned ? PinOff : Pin,
      choose: () => void tell(message.pinned ? actions.unpin(message.id) : actions.pin(message.id)),
    });
  }
  return items;
}

function taken(message: Message): MenuItem[] {
  const copy = { label: t("message.copy_text"), icon: Copy, choose: () => void copyText(message.body) };
  return [
    ...(message.body === "" ? [] : [copy]),
    {
      label: t("message.copy_link"),
      icon: Link2,
      choose: () => void copyText(location.origin + messagePath(message)),
    },
    ...asked(message),
    { label: t("select.start"), icon: ListChecks, choose: () => startSelection(message) },
  ];
}

/** Who has read it, where that is shown. */
function asked(message: Message): MenuItem[] {
  const room = state.value.rooms.get(message.room)?.state;
  if (!room || message.msg_no === null || !showsSeen(room, "asked")) return [];
  return [{ label: t("seen.menu"), icon: Eye, choose: () => (dialog.value = { kind: "seen", message }) }];
}

/** To be rid of it, to do something about who wrote it, or to tell those who may. */
function ended(message: Message, rights: MessageRights): MenuItem[] {
  const { room, sender: user } = message;
  const items: MenuItem[] = [];
  if (rights.remove)
    items.push({
      label: t("message.delete"),
      icon: Trash2,
      danger: true,
      choose: () => (dialog.value = { kind: "delete_message", message }),
    });
  if (rights.moderate)
    items.push({
      label: t("message.moderate", { name: user.name }),
      icon: ShieldAlert,
      danger: true,
      choose: () => (dialog.value = { kind: "moderate", room, user, message, first: "mute" }),
    });
  else if (rights.report)
    items.push({
      label: t("message.report"),
      icon: Flag,
      choose: () => (dialog.value = { kind: "report", message }),
    });
  return items;
}

/** Put a message aside, or take it out. */
export async function save(actions: Actions, message: number, isOn: boolean): Promise<void> {
  if (await tell(isOn ? actions.save(message) : actions.unsave(message)))
    toast(t(isOn ? "saved.done_save" : "saved.done_remove"));
}

async function markUnread(actions: Actions, room: number, msgNo: number): Promise<void> {
  if (await tell(actions.markUnread(room, msgNo))) toast(t("unread.marked"));
}

function answer(message: Message): void {
  quoteHere(message);
  const column = document.querySelector(`[data-key="m-${message.id}"]`)?.closest("[data-column]");
  const field = (column ?? document).querySelector<HTMLElement>(".composer textarea");
  // The keyboard of a phone comes by itself with the focus, which is what one wants here.
  if (field && !isTouch()) requestAnimationFrame(() => field.focus());
  else field?.focus();
}
