// What would go if it went now, room by room; counted when somebody opens it.
import { useState } from "preact/hooks";
import type { Going } from "../../net/actions";
import { sizeOf } from "../../text/sizes";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failed } from "../common/States";
import { useSubmit } from "../rooms/useSubmit";

export function GoingList() {
  const actions = useActions();
  const [rows, setRows] = useState<Going[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const { isBusy, failure, run } = useSubmit();
  const read = (cursor: string | null): void =>
    run(async () => {
      const found = await actions.going(cursor);
      setRows((known) => [...(cursor === null ? [] : (known ?? [])), ...found.items]);
      setNext(found.next);
    });
  return (
    <details
      class="keeping-going"
      onToggle={(event) => {
        if (event.currentTarget.open) read(null);
      }}
    >
      <summary>{t("keeping.going")}</summary>
      {failure ? <Failed text={failure} onRetry={() => read(next)} /> : null}
      {rows === null && isBusy ? <p class="field-hint">{t("keeping.going_counting")}</p> : null}
      {rows?.length === 0 && next === null ? <p class="field-hint">{t("keeping.going_none")}</p> : null}
      {rows && rows.length > 0 ? (
        <ul>
          {rows.map((row) => (
            <li key={row.room}>
              <bdi class="keeping-room">{row.name || t("keeping.going_direct")}</bdi>
              <span>{goingWords(row)}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {next === null ? null : (
        <Button small busy={isBusy} onClick={() => read(next)}>
          {t("keeping.going_more")}
        </Button>
      )}
    </details>
  );
}

/** What would go in a room, in a line. */
export function goingWords(row: Going): string {
  const size = sizeOf(row.bytes + (row.file_bytes ?? 0));
  const words = [t("keeping.going_messages", { n: row.messages })];
  if (row.files > 0) words.push(t("keeping.going_files", { n: row.files }));
  // Of too many pictures the server does not know the size.
  words.push(row.file_bytes === null ? t("keeping.going_at_least", { size }) : size);
  if (row.is_held) words.push(t("keeping.going_held"));
  return words.join(" · ");
}
