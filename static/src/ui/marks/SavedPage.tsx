// What I have saved: what is still to be done, and what is done.
import { ArrowLeft, Check, RotateCcw, Trash2 } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SavedRow } from "../../net/actions";
import { state } from "../../store/signals";
import { fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty, Failed, Skeleton } from "../common/States";
import { tell } from "../common/toasts";
import { errorText } from "../errors";
import { layout } from "../layout";
import { back } from "../route";
import { FoundMessage } from "./FoundMessage";
import "../../styles/marks.css";

export function SavedPage() {
  const [isDone, setDone] = useState(false);
  const tabs = [
    { isDone: false, label: t("saved.todo") },
    { isDone: true, label: t("saved.done") },
  ];
  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="room-title">{t("saved.title")}</h1>
      </header>
      <StateLine />
      <div class="saved">
        <fieldset class="saved-tabs">
          <legend class="unseen">{t("saved.which")}</legend>
          {tabs.map((tab) => (
            <label key={tab.label} class="saved-tab">
              <input
                class="unseen"
                type="radio"
                name="saved"
                checked={isDone === tab.isDone}
                onChange={() => setDone(tab.isDone)}
              />
              <span>{tab.label}</span>
            </label>
          ))}
        </fieldset>
        <SavedList key={String(isDone)} isDone={isDone} />
      </div>
    </main>
  );
}

function SavedList({ isDone }: { isDone: boolean }) {
  const actions = useActions();
  const list = useRef<HTMLUListElement>(null);
  const [rows, setRows] = useState<readonly SavedRow[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const asked = useRef(0);

  const load = (cursor: string | null): void => {
    asked.current += 1;
    const mine = asked.current;
    setBusy(true);
    actions
      .saved(isDone, cursor)
      .then(
        (page) => {
          if (mine !== asked.current) return;
          setRows((before) => [...(cursor ? (before ?? []) : []), ...page.items]);
          setNext(page.next);
          setFailure(null);
        },
        (error: unknown) => {
          if (mine === asked.current) setFailure(errorText(error));
        },
      )
      .finally(() => {
        if (mine === asked.current) setBusy(false);
      });
  };
  // Another device may have changed it: what is saved is known by its ids.
  const known = [...(state.value.later.saved ?? [])].join();
  useEffect(() => load(null), [known, state.value.synced]);

  const end = async (row: SavedRow, action: Promise<void>): Promise<void> => {
    if (!(await tell(action))) return;
    setRows((before) => before?.filter(({ message }) => message.id !== row.message.id) ?? null);
    list.current?.focus();
  };
  if (failure) return <Failed text={failure} onRetry={() => load(null)} />;
  if (!rows) return <Skeleton kind="message" rows={4} />;
  if (rows.length === 0) {
    return (
      <Empty title={t(isDone ? "saved.none_done" : "saved.none")}>
        {isDone ? null : <p>{t("saved.hint")}</p>}
      </Empty>
    );
  }
  return (
    <>
      <ul ref={list} class="saved-list" tabIndex={-1} aria-label={t("saved.title")}>
        {rows.map((row) => (
          <li key={row.message.id}>
            <FoundMessage
              message={row.message}
              hasRoom
              note={t("saved.since", { when: fullOf(row.saved_at) })}
              tools={
                <>
                  <IconButton
                    icon={isDone ? RotateCcw : Check}
                    small
                    label={t(isDone ? "saved.again" : "saved.finish")}
                    onClick={() => void end(row, actions.save(row.message.id, !isDone))}
                  />
                  <IconButton
                    icon={Trash2}
                    small
                    label={t("saved.remove")}
                    onClick={() => void end(row, actions.unsave(row.message.id))}
                  />
                </>
              }
            />
          </li>
        ))}
      </ul>
      {next ? (
        <Button small busy={isBusy} onClick={() => load(next)}>
          {t("versions.more")}
        </Button>
      ) : null}
    </>
  );
}
