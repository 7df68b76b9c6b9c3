// A section of my own: a new one, with a room in it if one is named, or another name for one.
import { newClientId } from "../../net/actions";
import { LIMITS } from "../../protocol";
import { both, moved, named } from "../../store/sidebar";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { NamingDialog } from "../common/NamingDialog";

interface SectionDialogProps {
  section: string | null;
  room: number | null;
}

export function SectionDialog({ section, room }: SectionDialogProps) {
  const actions = useActions();
  const known = state.peek().sidebar?.sections.find(({ id }) => id === section);
  const arrange = (name: string): Promise<void> => {
    const id = section ?? newSectionId();
    const naming = named(id, name);
    return actions.arrange(room === null ? naming : both(naming, moved(room, id)));
  };
  return (
    <NamingDialog
      title={section ? t("section.rename") : t("section.new")}
      hint={t("section.hint")}
      name={known?.name ?? ""}
      maxLength={LIMITS.SECTION_NAME_MAX_CHARS}
      problemOf={(name) => (name.trim() === "" ? t("section.name_missing") : null)}
      onName={arrange}
    />
  );
}

function newSectionId(): string {
  return newClientId()
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 12);
}
