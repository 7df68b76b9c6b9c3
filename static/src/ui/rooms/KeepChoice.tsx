// How long a room keeps its messages, for who runs the workspace.
import { useEffect, useState } from "preact/hooks";
import type { Keep, Retention, RoomRetention } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Failed } from "../common/States";
import { errorText } from "../errors";
import { me } from "../selectors";
import { DaysField } from "../settings/DaysField";
import { DAYS_FIRST, daysOf, keptFor } from "../settings/days";

const CHOICES = ["workspace", "forever", "days"] as const;

export interface Keeping {
  /** Null for who may not see it, and until it was read. */
  rule: RoomRetention | null;
  workspace: Retention | null;
  lost: string | null;
  keep: Keep;
  text: string;
  isBad: boolean;
  isHeldByWorkspace: boolean;
  read: () => void;
  choose: (keep: Keep) => void;
  write: (text: string) => void;
  /** Store what was chosen, if it is something else. */
  save: () => Promise<void>;
  hold: (on: boolean) => Promise<void>;
}

export function useKeeping(room: number): Keeping {
  const actions = useActions();
  const { role } = me.value;
  const isAdmin = role === "owner" || role === "admin";
  const [rule, setRule] = useState<RoomRetention | null>(null);
  const [workspace, setWorkspace] = useState<Retention | null>(null);
  const [lost, setLost] = useState<string | null>(null);
  const [keep, choose] = useState<Keep>("workspace");
  const [text, write] = useState(DAYS_FIRST);

  const read = (): void => {
    if (!isAdmin) return;
    setLost(null);
    Promise.all([actions.roomRetention(room), actions.retention()]).then(
      ([found, whole]) => {
        setRule(found);
        setWorkspace(whole);
        choose(found.keep);
        if (found.keep === "days" && found.days !== null) write(String(found.days));
      },
      (error: unknown) => setLost(errorText(error)),
    );
  };
  useEffect(read, [actions, room, isAdmin]);

  const days = keep === "days" ? daysOf(text) : null;
  const isSame = rule === null || (rule.keep === keep && (keep !== "days" || rule.days === days));
  return {
    rule,
    workspace,
    lost,
    keep,
    text,
    isBad: rule !== null && keep === "days" && days === null,
    isHeldByWorkspace: workspace?.hold != null,
    read,
    choose,
    write,
    save: async () => {
      if (!isSame) setRule(await actions.setRoomRetention(room, keep, days));
    },
    hold: async (on) => setRule(await actions.holdRoom(room, on)),
  };
}

export function KeepChoice({ keeping }: { keeping: Keeping }) {
  const { rule, workspace, lost } = keeping;
  if (lost) return <Failed text={lost} onRetry={keeping.read} />;
  if (!rule || !workspace) return null;
  return (
    <fieldset class="field">
      <legend class="field-label">{t("keeping.room")}</legend>
      <div class="choices">
        {CHOICES.map((choice) => (
          <label key={choice} class="choice">
            <input
              type="radio"
              name="keeping"
              checked={keeping.keep === choice}
              onChange={() => keeping.choose(choice)}
            />
            <span class="choice-name">{t(`keeping.${choice}`)}</span>
            {choice === "workspace" ? (
              <span class="choice-hint">{t("keeping.workspace_now", { days: keptFor(workspace.days) })}</span>
            ) : null}
          </label>
        ))}
      </div>
      {keeping.keep === "days" ? <DaysField value={keeping.text} onChange={keeping.write} /> : null}
    </fieldset>
  );
}
