// Where a room stands in my left column: what can be chosen about it, in the menus of the room.
import { ArrowDown, ArrowUp, FolderInput, Star, StarOff } from "lucide-preact";
import type { Actions } from "../../net/actions";
import { type Arrangement, FAVOURITES, moved, PLAIN, placeOf, stepped } from "../../store/sidebar";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import type { MenuItem } from "../common/Menu";
import { tell } from "../common/toasts";
import { dialog } from "../dialogs";

/** `hasSteps`: also up and down, where the order is mine. */
export function placeItems(room: Room, actions: Actions, hasSteps = false): MenuItem[] {
  const { id, kind, role } = room.state;
  if (kind !== "direct" && role === null) return [];
  const sidebar = state.value.sidebar ?? PLAIN;
  const place = placeOf(sidebar, id);
  const isFavourite = place === FAVOURITES;
  const arrange = (change: Arrangement) => () => void tell(actions.arrange(change));
  const items: MenuItem[] = [
    {
      label: isFavourite ? t("place.unfavourite") : t("place.favourite"),
      icon: isFavourite ? StarOff : Star,
      choose: arrange(moved(id, isFavourite ? null : FAVOURITES)),
    },
    {
      label: t("place.move"),
      icon: FolderInput,
      choose: () => {
        dialog.value = { kind: "place", room: id };
      },
    },
  ];
  if (!hasSteps || place === null) return items;
  const rooms = isFavourite
    ? sidebar.favourites
    : (sidebar.sections.find((section) => section.id === place)?.rooms ?? []);
  const at = rooms.indexOf(id);
  if (at > 0) items.push({ label: t("place.up"), icon: ArrowUp, choose: arrange(stepped(id, -1)) });
  if (at < rooms.length - 1)
    items.push({ label: t("place.down"), icon: ArrowDown, choose: arrange(stepped(id, 1)) });
  return items;
}
