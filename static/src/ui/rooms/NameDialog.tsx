// A name for a conversation of several.
import { LIMITS } from "../../protocol";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { NamingDialog } from "../common/NamingDialog";
import { nameProblem } from "./RoomFields";

export function NameDialog({ room }: { room: Room }) {
  const actions = useActions();
  return (
    <NamingDialog
      title={t("direct.name_title")}
      hint={room.state.named ? t("direct.name_hint_named") : t("direct.name_hint")}
      name={room.state.named ? room.state.name : ""}
      maxLength={LIMITS.NAME_MAX_CHARS}
      problemOf={(name) => (room.state.named && name.trim() === "" ? null : nameProblem(name))}
      onName={(name) => actions.updateRoom(room.state.id, { name })}
    />
  );
}
