// What I have put off: reminders, and messages that are sent later.
import { ArrowLeft, Plus } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { LaterList } from "../../store/later";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Failed, Skeleton } from "../common/States";
import { dialog } from "../dialogs";
import { layout } from "../layout";
import { back } from "../route";
import { DraftList } from "./DraftList";
import { ReminderRow } from "./ReminderRow";
import { ScheduledRow } from "./ScheduledRow";
import "../../styles/later.css";

const PAGE_COUNT = 30;

export function LaterPage() {
  const { scheduled, reminders } = state.value.later;
  const focus = useRef<HTMLElement | null>(null);
  // What is gone takes the focus with it; the head of its list is the nearest place that stays.
  const backTo = (list: LaterList) => () => {
    // After the next drawing: behind a dialog that is still open nothing takes the focus.
    requestAnimationFrame(() => focus.current?.querySelector<HTMLElement>(`[data-list=${list}] h2`)?.focus());
  };
  return (
    <main class="room" id="main" tabIndex={-1} ref={focus}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="room-title">{t("later.title")}</h1>
      </header>
      <StateLine />
      <div class="later">
        <DraftList />
        <List
          list="reminders"
          title={t("reminders.heading")}
          empty={t("reminders.empty")}
          items={reminders?.map((one) => (
            <ReminderRow key={one.id} reminder={one} onGone={backTo("reminders")} />
          ))}
          action={
            <Button
              small
              icon={Plus}
              onClick={() => {
                dialog.value = { kind: "remind", message: null };
              }}
            >
              {t("reminders.new")}
            </Button>
          }
        />
        <List
          list="scheduled"
          title={t("scheduled.heading")}
          empty={t("scheduled.empty")}
          items={scheduled?.map((one) => (
            <ScheduledRow key={one.id} item={one} onGone={backTo("scheduled")} />
          ))}
        />
      </div>
    </main>
  );
}

interface ListProps {
  list: LaterList;
  title: string;
  empty: string;
  items: ComponentChildren[] | undefined;
  action?: ComponentChildren;
}

function List({ list, title, empty, items, action }: ListProps) {
  const actions = useActions();
  const [count, setCount] = useState(PAGE_COUNT);
  const headId = useId();
  const hasFailed = state.value.later.failed.has(list);

  useEffect(() => {
    // The server says when it is another; who comes here wants to be sure.
    if (state.peek().synced) actions.readLater(list);
  }, []);

  return (
    <section class="later-section" aria-labelledby={headId} data-list={list}>
      <header class="later-head">
        <h2 id={headId} tabIndex={-1}>
          {title}
        </h2>
        {action}
      </header>
      {hasFailed ? <Failed text={t("later.failed")} onRetry={() => actions.readLater(list)} /> : null}
      {!items && !hasFailed ? <Skeleton rows={2} /> : null}
      {items?.length === 0 ? <p class="later-empty">{empty}</p> : null}
      {items && items.length > 0 ? <ul class="later-list">{items.slice(0, count)}</ul> : null}
      {items && items.length > count ? (
        <Button small onClick={() => setCount(count + PAGE_COUNT)}>
          {t("later.more", { n: items.length - count })}
        </Button>
      ) : null}
    </section>
  );
}
