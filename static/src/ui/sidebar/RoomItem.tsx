// A room in the left column with its menu: by its button, by the right key of the mouse, or by Shift+F10.
import { Bell, BellOff, CheckCheck, Ellipsis } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import { moved } from "../../store/sidebar";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { MenuButton, type MenuItem, MenuList } from "../common/Menu";
import { tell } from "../common/toasts";
import { dialog } from "../dialogs";
import { isTouch } from "../layout";
import { roomName } from "../names";
import { allow, begin, dragged, end, take, target } from "./dragging";
import { placeItems } from "./placeItems";
import { RoomLink } from "./RoomLink";

interface RoomItemProps {
  room: Room;
  isOpen: boolean;
  part: string;
  isOrdered: boolean;
}

export function RoomItem({ room, isOpen, part, isOrdered }: RoomItemProps) {
  const actions = useActions();
  const item = useRef<HTMLLIElement>(null);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const { id } = room.state;
  const label = t("sidebar.room_menu", { name: roomName(room, state.value) });
  const before = isOrdered ? id : null;
  const over = target.value;
  const isTarget = isOrdered && over?.part === part && over.before === id && dragged.value !== id;
  return (
    <li
      ref={item}
      class="room-item"
      draggable={!isTouch()}
      data-dragged={dragged.value === id || undefined}
      data-drop={isTarget || undefined}
      onDragStart={(event) => begin(event, id)}
      onDragEnd={end}
      onDragOver={(event) => allow(event, part, before)}
      onDrop={(event) => {
        const dropped = take(event);
        if (dropped !== null && dropped !== id)
          void tell(actions.arrange(moved(dropped, isOrdered ? part : null, before)));
      }}
      onContextMenu={(event) => {
        // With Shift it stays the browser's.
        if (isTouch() || (event.shiftKey && event.button === 2)) return;
        event.preventDefault();
        setMenuOpen(true);
      }}
    >
      <RoomLink room={room} isOpen={isOpen} />
      <span class="room-item-menu">
        <MenuButton icon={Ellipsis} small tabIndex={-1} label={label} items={itemsOf(room, actions)} />
      </span>
      {isMenuOpen && item.current ? (
        <MenuList
          anchor={item.current}
          label={label}
          items={itemsOf(room, actions)}
          onClose={() => {
            setMenuOpen(false);
            item.current?.querySelector("a")?.focus();
          }}
        />
      ) : null}
    </li>
  );
}

function itemsOf(room: Room, actions: ReturnType<typeof useActions>): MenuItem[] {
  const { id, level, unread, last_msg_no } = room.state;
  const items: MenuItem[] = [];
  if (unread > 0) {
    items.push({
      label: t("sidebar.mark_read"),
      icon: CheckCheck,
      choose: () => actions.markRead(id, last_msg_no),
    });
  }
  items.push(...placeItems(room, actions, true));
  items.push({
    label: level === "none" ? t("level.unmute") : t("level.mute"),
    icon: level === "none" ? Bell : BellOff,
    apart: true,
    choose: () => void tell(actions.setLevel(id, level === "none" ? "all" : "none")),
  });
  items.push({
    label: t("level.menu_more"),
    icon: Bell,
    choose: () => {
      dialog.value = { kind: "room_level", room: id };
    },
  });
  return items;
}
