// What can be done with a room, for the menu in its head; what cannot be done is left out.
import {
  Bell,
  BellOff,
  Eye,
  EyeOff,
  Link2,
  Link2Off,
  LogOut,
  Pencil,
  Settings,
  UserPlus,
} from "lucide-preact";
import type { Actions } from "../../net/actions";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import type { MenuItem } from "../common/Menu";
import { tell, toast } from "../common/toasts";
import { dialog } from "../dialogs";
import { me, rightsOf } from "../selectors";
import { placeItems } from "../sidebar/placeItems";

/** `switching`: what previews are switched with, where the server makes any. */
export function itemsOf(room: Room, actions: Actions, switching: Actions | null): MenuItem[] {
  const { id, kind, level, peers, previews } = room.state;
  const rights = rightsOf(room.state, me.value.role);
  const items: MenuItem[] = [];
  if (rights.invite) {
    items.push({
      label: t("members.add"),
      icon: UserPlus,
      choose: () => show({ kind: "add_people", room: id }),
    });
  }
  if (kind === "direct" && peers.length > 0) {
    items.push({
      label: t("members.add"),
      icon: UserPlus,
      choose: () => show({ kind: "direct", people: peers }),
    });
  }
  if (kind === "direct" && rights.name) {
    items.push({
      label: t("direct.name"),
      icon: Pencil,
      choose: () => show({ kind: "room_name", room: id }),
    });
  }
  if (room.state.role !== null) {
    items.push({
      label: t("level.menu"),
      detail: t(`level.${level}_short`),
      icon: level === "none" ? BellOff : Bell,
      choose: () => show({ kind: "room_level", room: id }),
    });
  }
  items.push(...placeItems(room, actions));
  if (rights.removeOthers && switching) {
    items.push({
      label: previews ? t("previews.switch_off") : t("previews.switch_on"),
      icon: previews ? Link2Off : Link2,
      choose: () => void switchPreviews(switching, id, !previews),
    });
  }
  // Who runs the room has it among the settings.
  if (rights.removeOthers && !rights.run) {
    items.push({
      label: t(room.state.seen ? "seen.switch_off" : "seen.switch_on"),
      icon: room.state.seen ? EyeOff : Eye,
      choose: () => void switchSeen(actions, id, !room.state.seen),
    });
  }
  if (rights.run) {
    items.push({
      label: t("rooms.settings"),
      icon: Settings,
      choose: () => show({ kind: "room_settings", room: id }),
    });
  }
  if (rights.leave) {
    items.push({
      label: t("rooms.leave"),
      icon: LogOut,
      apart: items.length > 0,
      choose: () => show({ kind: "leave_room", room: id }),
    });
  }
  return items;
}

async function switchPreviews(actions: Actions, room: number, previews: boolean): Promise<void> {
  if (await tell(actions.updateRoom(room, { previews })))
    toast(previews ? t("previews.switched_on") : t("previews.switched_off"));
}

async function switchSeen(actions: Actions, room: number, seen: boolean): Promise<void> {
  if (await tell(actions.updateRoom(room, { seen })))
    toast(t(seen ? "seen.switched_on" : "seen.switched_off"));
}

function show(next: NonNullable<typeof dialog.value>): void {
  dialog.value = next;
}
