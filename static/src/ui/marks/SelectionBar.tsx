// What can be done with the messages that are chosen; it stands where one writes.
import { Copy, Forward, Trash2, X } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Message } from "../../protocol";
import { timeOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { copyText } from "../common/copy";
import { saidIn } from "../common/file";
import { IconButton } from "../common/IconButton";
import { toast } from "../common/toasts";
import { dialog } from "../dialogs";
import { errorText } from "../errors";
import { me, type Rights } from "../selectors";
import { messageRights } from "../timeline/rights";
import { endSelection, keepSelected, selection } from "./selection";
import "../../styles/marks.css";

interface SelectionBarProps {
  /** What stands in this place. */
  messages: readonly Message[];
  rights: Rights;
}

export function SelectionBar({ messages, rights }: SelectionBarProps) {
  const actions = useActions();
  const ref = useRef<HTMLDivElement>(null);
  const [isAsked, setAsked] = useState(false);
  const [progress, setProgress] = useState<{ done: number; of: number } | null>(null);
  const ids = selection.value?.ids ?? new Set<number>();
  const chosen = messages.filter(({ id, deleted_at }) => ids.has(id) && deleted_at === null);
  const mine = me.value.id;
  const mayRemove = chosen.filter((message) => messageRights(message, rights, mine).remove);

  // What was deleted, here or elsewhere, is not chosen any more.
  useEffect(() => {
    if (chosen.length < ids.size && !progress) keepSelected(chosen.map(({ id }) => id));
  }, [chosen.length, ids.size]);
  useEffect(() => setAsked(false), [ids.size]);

  const remove = async (): Promise<void> => {
    const of = mayRemove.length;
    const failed: number[] = [];
    let reason = "";
    setProgress({ done: 0, of });
    for (const [at, { id }] of mayRemove.entries()) {
      try {
        await actions.remove(id);
      } catch (error) {
        failed.push(id);
        reason = errorText(error);
      }
      setProgress({ done: at + 1, of });
    }
    setProgress(null);
    setAsked(false);
    if (failed.length < of) toast(t("select.deleted", { n: of - failed.length }));
    if (failed.length > 0) toast(t("select.not_deleted", { n: failed.length, reason }), "error");
    keepSelected(failed);
  };

  return (
    <div ref={ref} class="selection-bar" role="toolbar" aria-label={t("select.tools")}>
      <IconButton icon={X} label={t("select.end")} onClick={endSelection} />
      <p class="selection-count" role="status">
        {progress
          ? t("select.progress", { n: progress.done, of: progress.of })
          : isAsked
            ? t("select.delete_text", { n: mayRemove.length })
            : t("select.count", { n: chosen.length })}
      </p>
      {isAsked ? (
        <>
          <Button disabled={progress !== null} onClick={() => setAsked(false)}>
            {t("dialog.cancel")}
          </Button>
          <Button kind="danger" busy={progress !== null} onClick={() => void remove()}>
            {t("message.delete")}
          </Button>
        </>
      ) : (
        <>
          <Button icon={Copy} disabled={chosen.length === 0} onClick={() => void copyText(textOf(chosen))}>
            {t("select.copy")}
          </Button>
          <Button
            icon={Forward}
            disabled={chosen.length === 0}
            onClick={() => {
              dialog.value = { kind: "forward", messages: chosen };
            }}
          >
            {t("forward.submit")}
          </Button>
          {mayRemove.length > 0 ? (
            <Button kind="danger" icon={Trash2} onClick={() => setAsked(true)}>
              {t("message.delete")}
            </Button>
          ) : null}
        </>
      )}
    </div>
  );
}

function textOf(messages: readonly Message[]): string {
  return messages
    .map((message) => `${message.sender.name} (${timeOf(message.at)}): ${saidIn(message)}`)
    .join("\n");
}
