// A legal hold: what it means, since when it stands, and the button that sets or ends it.
import { Lock, LockOpen } from "lucide-preact";
import type { Hold } from "../../net/actions";
import { state } from "../../store/signals";
import { fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { userName } from "../names";

interface HoldRowProps {
  hold: Hold | null;
  /** What the hold is of. */
  of: "workspace" | "room";
  /** Of a room: whether the whole workspace is held, this room too. */
  isHeldByWorkspace?: boolean;
  isBusy: boolean;
  onHold: (on: boolean) => void;
}

export function HoldRow({ hold, of, isHeldByWorkspace = false, isBusy, onHold }: HoldRowProps) {
  return (
    <div class="keeping-hold">
      <div>
        <h3>{t("keeping.hold")}</h3>
        <p class="field-hint">{t(`keeping.hold_hint_${of}`)}</p>
        {hold || isHeldByWorkspace ? (
          <p class="keeping-held">
            <Lock size={14} strokeWidth={2} aria-hidden="true" />
            <span>
              {[hold ? heldWords(hold) : "", isHeldByWorkspace ? t("keeping.held_whole") : ""]
                .filter(Boolean)
                .join(" ")}
            </span>
          </p>
        ) : null}
      </div>
      <Button small icon={hold ? LockOpen : Lock} disabled={isBusy} onClick={() => onHold(hold === null)}>
        {hold ? t("keeping.release") : t("keeping.hold_set")}
      </Button>
    </div>
  );
}

function heldWords({ by, at }: Hold): string {
  const when = fullOf(at);
  const known = by !== null && state.value.users.has(by);
  return known
    ? t("keeping.held_by", { when, name: userName(by, state.value) })
    : t("keeping.held_since", { when });
}
