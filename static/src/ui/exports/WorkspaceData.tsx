// All of the workspace, for who runs it: ask for a file, and see who has taken one.
import { PackageOpen } from "lucide-preact";
import { useState } from "preact/hooks";
import type { Export, ExportOrder } from "../../net/actions";
import { LIMITS } from "../../protocol";
import { fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Field } from "../common/Field";
import { Failed } from "../common/States";
import { errorText } from "../errors";
import { me } from "../selectors";
import { word } from "./ExportRow";

interface WorkspaceDataProps {
  isBusy: boolean;
  isBlocked: boolean;
  onAsk: (order: ExportOrder) => void;
}

export function WorkspaceData({ isBusy, isBlocked, onAsk }: WorkspaceDataProps) {
  const [withDirects, setWithDirects] = useState(false);
  const [reason, setReason] = useState("");
  const isOwner = me.value.role === "owner";
  const lacksReason = withDirects && reason.trim() === "";
  return (
    <form
      class="exports-workspace"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isBlocked || lacksReason) return;
        const chosen = withDirects ? { directs: true, reason: reason.trim() } : {};
        onAsk({ kind: "workspace", ...chosen });
      }}
    >
      {isOwner ? (
        <label class="choice">
          <input
            type="checkbox"
            checked={withDirects}
            onChange={(event) => setWithDirects(event.currentTarget.checked)}
          />
          <span class="choice-name">{t("export.directs")}</span>
          <span class="choice-hint">{t("export.directs_hint")}</span>
        </label>
      ) : null}
      {withDirects ? (
        <Field label={t("export.reason")} hint={t("export.reason_hint")}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="text"
              dir="auto"
              required
              maxLength={LIMITS.REASON_MAX_CHARS}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
      ) : null}
      <div>
        <Button icon={PackageOpen} type="submit" busy={isBusy} disabled={isBlocked || lacksReason}>
          {t("export.ask_workspace")}
        </Button>
      </div>
      <Taken />
    </form>
  );
}

/** The record of who has taken the workspace; read when somebody opens it. */
function Taken() {
  const actions = useActions();
  const [rows, setRows] = useState<Export[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const read = (): void => {
    setFailure(null);
    actions.exportsOfWorkspace().then(setRows, (error: unknown) => setFailure(errorText(error)));
  };
  return (
    <details
      class="exports-taken"
      onToggle={(event) => {
        if (event.currentTarget.open) read();
      }}
    >
      <summary>{t("export.taken")}</summary>
      {failure ? <Failed text={failure} onRetry={read} /> : null}
      {rows?.length === 0 ? <p class="field-hint">{t("export.taken_none")}</p> : null}
      {rows && rows.length > 0 ? (
        <ul class="exports">
          {rows.map((row) => (
            <li key={row.id}>
              <bdi class="exports-who">{row.by.name}</bdi> · {fullOf(row.created_at)} ·{" "}
              {word("export.state", row.state)}
              {row.directs ? ` · ${t("export.with_directs")}` : ""}
              {row.reason ? (
                <>
                  : <bdi>{row.reason}</bdi>
                </>
              ) : null}
              {row.downloads > 0 ? ` · ${t("export.downloads", { n: row.downloads })}` : ""}
            </li>
          ))}
        </ul>
      ) : null}
    </details>
  );
}
