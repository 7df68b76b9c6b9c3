// At the foot of an archived room: that nothing can be added, and for who runs it the way back.
import { Archive, ArchiveRestore } from "lucide-preact";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { tell, toast } from "../common/toasts";
import { me, rightsOf } from "../selectors";
import { ClosedNote } from "./ClosedNote";

export function ArchivedNote({ room }: { room: Room }) {
  const actions = useActions();
  const restore = async (): Promise<void> => {
    if (await tell(actions.updateRoom(room.state.id, { archived: false }))) toast(t("rooms.restored"));
  };
  return (
    <ClosedNote icon={Archive} text={t("composer.archived")}>
      {rightsOf(room.state, me.value.role).run ? (
        <Button small icon={ArchiveRestore} onClick={() => void restore()}>
          {t("rooms.restore")}
        </Button>
      ) : null}
    </ClosedNote>
  );
}
