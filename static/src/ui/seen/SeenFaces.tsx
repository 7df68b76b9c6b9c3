// Who has read up to a message and no further: small faces at its end; a press tells all who have read it.
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import { dialog } from "../dialogs";
import { nameList, userName } from "../names";
import "../../styles/seen.css";

interface SeenFacesProps {
  message: Message;
  readers: readonly number[];
  isTabStop: boolean;
}

const FACES_MAX_COUNT = 3;
const NAMES_MAX_COUNT = 8;

export function SeenFaces({ message, readers, isTabStop }: SeenFacesProps) {
  const { users } = state.value;
  const known = readers.filter((id) => users.has(id));
  if (known.length === 0) return null;
  const names = nameList(
    known.map((id) => userName(id, state.value)),
    NAMES_MAX_COUNT,
  );
  const more = known.length - FACES_MAX_COUNT;
  const shown = more > 0 ? known.slice(0, FACES_MAX_COUNT - 1) : known;
  return (
    <button
      type="button"
      class="seen-faces"
      tabIndex={isTabStop ? 0 : -1}
      aria-haspopup="dialog"
      aria-label={t("seen.up_to", { names })}
      title={t("seen.up_to", { names })}
      onClick={() => {
        dialog.value = { kind: "seen", message };
      }}
    >
      {shown.map((id) => (
        <Avatar key={id} person={users.get(id)!} size={16} />
      ))}
      {more > 0 ? <span class="seen-more">+{known.length - shown.length}</span> : null}
    </button>
  );
}
