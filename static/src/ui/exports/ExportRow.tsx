// One export: how far it is, its file, or why there is none.
import { Download, Trash2, X } from "lucide-preact";
import { useId } from "preact/hooks";
import type { Export } from "../../net/actions";
import { dueOf } from "../../text/dates";
import { sizeOf } from "../../text/sizes";
import { isKey, type Key, t } from "../../text/t";
import { Button } from "../common/Button";
import { isOpen } from "./useExports";

interface ExportRowProps {
  row: Export;
  onRemove: () => void;
}

export function ExportRow({ row, onRemove }: ExportRowProps) {
  const id = useId();
  return (
    <li class="export">
      <p class="export-head">
        <span class="export-name" id={id}>
          {t(`export.${row.kind}`)}
          {row.directs ? ` · ${t("export.with_directs")}` : ""}
        </span>
        <span class="export-at">{dueOf(row.created_at)}</span>
      </p>
      {isOpen(row) ? <Progress row={row} labelledBy={id} onCancel={onRemove} /> : null}
      {row.state === "ready" ? <Ready row={row} onDelete={onRemove} /> : null}
      {row.state === "failed" ? (
        <p class="export-failed">{word("export.failed", row.failure ?? "fault")}</p>
      ) : null}
    </li>
  );
}

interface ProgressProps {
  row: Export;
  labelledBy: string;
  onCancel: () => void;
}

function Progress({ row, labelledBy, onCancel }: ProgressProps) {
  const id = useId();
  const told = `${t("export.percent", { n: row.percent })} · ${word("export.step", row.step)}`;
  return (
    <>
      <progress
        class="export-bar"
        max={100}
        value={row.percent}
        aria-labelledby={labelledBy}
        aria-describedby={id}
      />
      <div class="export-line">
        <p class="export-step" id={id}>
          {row.step === "" ? t("export.waiting") : told}
        </p>
        <Button small icon={X} onClick={onCancel}>
          {t("export.cancel")}
        </Button>
      </div>
    </>
  );
}

function Ready({ row, onDelete }: { row: Export; onDelete: () => void }) {
  return (
    <div class="export-line">
      <p class="export-step">
        {t("export.until", { date: row.expires_at === null ? "" : dueOf(row.expires_at) })}
      </p>
      <div class="export-buttons">
        <a class="button button-primary button-small" href={row.download ?? ""} download>
          <Download size={16} strokeWidth={1.75} aria-hidden="true" />
          <span class="button-words">{t("export.download", { size: sizeOf(row.bytes) })}</span>
        </a>
        <Button small icon={Trash2} onClick={onDelete}>
          {t("export.delete")}
        </Button>
      </div>
    </div>
  );
}

/** The word for a step or a reason; one that a newer server has is shown as it is. */
export function word(group: "export.step" | "export.failed" | "export.state", name: string): string {
  const key = `${group}_${name}`;
  return isKey(key) ? t(key as Key) : name;
}
