// My data, or those of the workspace: ask for a file of them, watch it being made, fetch it.
import { PackageOpen } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ActionError, type Export, type ExportOrder } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { Failed } from "../common/States";
import { tell } from "../common/toasts";
import { useSubmit } from "../rooms/useSubmit";
import { ExportRow } from "./ExportRow";
import { isOpen, useExports } from "./useExports";
import { WorkspaceData } from "./WorkspaceData";
import "../../styles/exports.css";

interface DataCardProps {
  /** Of the workspace, for who runs it, instead of one's own. */
  of?: "own" | "workspace";
}

export function DataCard({ of = "own" }: DataCardProps) {
  const actions = useActions();
  const { items, failure, read } = useExports();
  const { isBusy, failure: refusal, run } = useSubmit();
  const title = useRef<HTMLHeadingElement>(null);
  const said = useNews(items);
  const rows = shown(items);
  const isMoving = items?.some(isOpen) ?? false;

  const ask = (order: ExportOrder): void =>
    run(async () => {
      try {
        await actions.askForExport(order);
      } catch (error) {
        // Asked for in another window: it is in the list.
        if (!(error instanceof ActionError) || error.code !== "conflict") throw error;
      }
      await read();
    });
  const remove = (row: Export): void => {
    // What had the focus goes.
    title.current?.focus();
    void tell(actions.removeExport(row.id).then(read));
  };

  return (
    <section class="settings-card">
      <h2 ref={title} tabIndex={-1}>
        {t(of === "own" ? "export.title" : "export.workspace")}
      </h2>
      <p class="field-hint">{t(of === "own" ? "export.hint" : "export.workspace_hint")}</p>
      <p class="unseen" role="status">
        {said}
      </p>
      {items === null && failure ? <Failed text={failure} onRetry={() => void read()} /> : null}
      <Rows items={rows.filter((row) => row.kind === of)} onRemove={remove} />
      {of === "own" ? (
        <div>
          <Button
            icon={PackageOpen}
            busy={isBusy}
            disabled={isMoving || items === null}
            onClick={() => ask({ kind: "own" })}
          >
            {t("export.ask_own")}
          </Button>
        </div>
      ) : (
        <WorkspaceData isBusy={isBusy} isBlocked={isMoving || items === null} onAsk={ask} />
      )}
      <Failure text={refusal} />
    </section>
  );
}

function Rows({ items, onRemove }: { items: Export[]; onRemove: (row: Export) => void }) {
  if (items.length === 0) return null;
  return (
    <ul class="exports">
      {items.map((row) => (
        <ExportRow key={row.id} row={row} onRemove={() => onRemove(row)} />
      ))}
    </ul>
  );
}

/** What is being made or kept, and the last one when it has failed. */
function shown(items: Export[] | null): Export[] {
  return (items ?? []).filter(
    (row, index) => isOpen(row) || row.state === "ready" || (row.state === "failed" && index === 0),
  );
}

/** What is worth to be read out: that something has ended, not each percent. */
function useNews(items: Export[] | null): string {
  const before = useRef<ReadonlyMap<number, Export>>(new Map());
  const [said, setSaid] = useState("");
  useEffect(() => {
    for (const row of items ?? []) {
      const was = before.current.get(row.id);
      if (!was || !isOpen(was)) continue;
      if (row.state === "ready") setSaid(t("export.is_ready"));
      if (row.state === "failed") setSaid(t("export.has_failed"));
      if (row.state === "cancelled") setSaid(t("export.is_cancelled"));
    }
    before.current = new Map((items ?? []).map((row) => [row.id, row]));
  }, [items]);
  return said;
}
