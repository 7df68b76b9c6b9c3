// What can be done with a section of my own.
import { ArrowDown, ArrowUp, Ellipsis, Pencil, Trash2 } from "lucide-preact";
import { type Arrangement, PLAIN, removed, sectionStepped } from "../../store/sidebar";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { MenuButton, type MenuItem } from "../common/Menu";
import { tell } from "../common/toasts";
import { dialog } from "../dialogs";

export function SectionMenu({ id, name }: { id: string; name: string }) {
  const actions = useActions();
  const { sections } = state.value.sidebar ?? PLAIN;
  const at = sections.findIndex((section) => section.id === id);
  const arrange = (change: Arrangement) => () => void tell(actions.arrange(change));
  const items: MenuItem[] = [
    {
      label: t("section.rename"),
      icon: Pencil,
      choose: () => {
        dialog.value = { kind: "section", section: id, room: null };
      },
    },
  ];
  if (at > 0) items.push({ label: t("place.up"), icon: ArrowUp, choose: arrange(sectionStepped(id, -1)) });
  if (at < sections.length - 1)
    items.push({ label: t("place.down"), icon: ArrowDown, choose: arrange(sectionStepped(id, 1)) });
  items.push({
    label: t("section.remove"),
    detail: t("section.remove_detail"),
    icon: Trash2,
    apart: true,
    choose: arrange(removed(id)),
  });
  return <MenuButton icon={Ellipsis} small label={t("section.menu", { name })} items={items} />;
}
