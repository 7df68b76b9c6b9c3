// Finding what was said: what to look for, and what was found, with the way to each message.
import { ArrowLeft, X } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Sort, Wanted } from "../../net/actions";
import { ActionError } from "../../net/actions";
import { state } from "../../store/signals";
import { type Key, t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty, Failed, Skeleton } from "../common/States";
import { errorText } from "../errors";
import { layout } from "../layout";
import { roomName } from "../names";
import { back, go, type Route, searchPath } from "../route";
import { answer, keyOf, place } from "./answer";
import { FoundRow } from "./FoundRow";
import { SearchField } from "./SearchField";
import { append, isUnfinished } from "./suggest";
import "../../styles/search.css";

type SearchRoute = Extract<Route, { place: "search" }>;

const PAUSE_MS = 400;
const HINTS: readonly [string, Key][] = [
  ["from:", "search.hint_from"],
  ["in:", "search.hint_in"],
  ["has:", "search.hint_has"],
  ["is:", "search.hint_is"],
  ["before:", "search.hint_before"],
  ["after:", "search.hint_after"],
  ['"', "search.hint_phrase"],
];

export function SearchPage({ route }: { route: SearchRoute }) {
  const { q, room: roomId, sort } = route;
  const [text, setText] = useState(q);
  const asked = useAnswer({ q, room: roomId, sort });
  const list = useRef<HTMLDivElement>(null);
  const main = useRef<HTMLElement>(null);
  const room = roomId === null ? undefined : state.value.rooms.get(roomId);
  const key = keyOf({ q, room: roomId, sort });

  const show = (next: Partial<Wanted>): void => go(searchPath({ q, room: roomId, sort, ...next }), true);
  const focus = (): void => main.current?.querySelector<HTMLInputElement>("[data-search-field]")?.focus();

  // The address may say another search than the field: a step back, a link.
  useEffect(() => setText((was) => (was.trim() === q.trim() ? was : q)), [q]);
  useEffect(() => {
    if (text.trim() === q.trim() || isUnfinished(text)) return undefined;
    const timer = setTimeout(() => show({ q: text }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    if (!q) focus();
  }, []);
  useLayoutEffect(() => {
    if (list.current && place.key === key && asked.answer) list.current.scrollTop = place.top;
  }, [asked.answer !== null]);

  return (
    <main class="room" id="main" tabIndex={-1} ref={main} aria-label={t("search.title")}>
      <header class="room-head seek-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="unseen">{t("search.title")}</h1>
        <SearchField
          text={text}
          placeholder={room ? t("search.in_room", { name: roomName(room, state.value) }) : t("search.in_all")}
          onText={setText}
          onEnter={(typed) => {
            setText(typed);
            show({ q: typed });
          }}
        />
      </header>
      <StateLine />
      <div
        class="seek"
        ref={list}
        aria-busy={asked.isBusy}
        onScroll={(event) => {
          place.key = key;
          place.top = event.currentTarget.scrollTop;
        }}
      >
        <div class="seek-line">
          {room ? (
            <span class="seek-scope">
              <bdi>{t("search.only_in", { name: roomName(room, state.value) })}</bdi>
              <IconButton
                icon={X}
                small
                label={t("search.everywhere")}
                onClick={() => show({ room: null })}
              />
            </span>
          ) : null}
          {q.trim() ? <Sorts sort={sort} onSort={(next) => show({ sort: next })} /> : null}
        </div>
        {q.trim() ? (
          <Results asked={asked} />
        ) : (
          <Hints
            onHint={(operator) => {
              setText(append(text, operator));
              focus();
            }}
          />
        )}
      </div>
    </main>
  );
}

function Sorts({ sort, onSort }: { sort: Sort; onSort: (sort: Sort) => void }) {
  return (
    <fieldset class="seek-sorts" aria-label={t("search.order")}>
      {(["newest", "best"] as const).map((one) => (
        <button type="button" key={one} aria-pressed={sort === one} onClick={() => onSort(one)}>
          {t(one === "newest" ? "search.newest" : "search.best")}
        </button>
      ))}
    </fieldset>
  );
}

function Hints({ onHint }: { onHint: (operator: string) => void }) {
  return (
    <section class="seek-hints" aria-label={t("search.hints")}>
      <h2>{t("search.hints")}</h2>
      <ul>
        {HINTS.map(([operator, key]) => (
          <li key={operator}>
            <button type="button" onClick={() => onHint(operator)}>
              <code>{operator === '"' ? '"…"' : operator}</code>
              <span>{t(key)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Results({ asked }: { asked: Asked }) {
  const { answer: found, failure, isBusy, more, retry } = asked;
  if (failure && !found) {
    return failure.retry ? (
      <Failed text={failure.text} onRetry={retry} />
    ) : (
      <p class="seek-note" role="status">
        {failure.text}
      </p>
    );
  }
  if (!found) return <Skeleton kind="message" rows={5} />;
  const hasMore = found.next !== null;
  return (
    <>
      {found.behind ? (
        <p class="seek-note" role="status">
          {t("search.behind")}
        </p>
      ) : null}
      {found.items.length === 0 && !hasMore ? (
        <Empty title={t("search.none")}>
          <p>{t("search.none_hint")}</p>
        </Empty>
      ) : null}
      <p class="unseen" role="status">
        {isBusy ? "" : t("search.count", { n: found.items.length })}
      </p>
      {found.items.length > 0 ? (
        <ul class="seek-list">
          {found.items.map((item) => (
            <FoundRow key={item.message.id} found={item} />
          ))}
        </ul>
      ) : null}
      {failure ? <Failed text={failure.text} onRetry={more} /> : null}
      {hasMore && !failure ? (
        <div class="seek-more">
          {found.items.length === 0 ? <p>{t("search.none_yet")}</p> : null}
          <Button small busy={isBusy} onClick={more}>
            {t("search.more")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

interface Asked {
  answer: typeof answer.value;
  failure: { text: string; retry: boolean } | null;
  isBusy: boolean;
  more: () => void;
  retry: () => void;
}

/** Ask the server, and keep the answer for who comes back. */
function useAnswer(wanted: Wanted): Asked {
  const actions = useActions();
  const [failure, setFailure] = useState<Asked["failure"]>(null);
  const [isBusy, setBusy] = useState(false);
  const [trial, setTrial] = useState(0);
  const key = keyOf(wanted);
  const latest = useRef(key);
  latest.current = key;

  const ask = (cursor: string | null): void => {
    setBusy(true);
    actions.search(wanted, cursor).then(
      (found) => {
        // An answer that comes late belongs to a search that is no longer on the screen.
        if (latest.current !== key) return;
        const before = cursor === null ? [] : (answer.peek()?.items ?? []);
        answer.value = { key, items: [...before, ...found.items], next: found.next, behind: found.behind };
        setFailure(null);
        setBusy(false);
      },
      (error: unknown) => {
        if (latest.current !== key) return;
        setFailure({ text: failureText(error), retry: !(error instanceof ActionError) || error.retry });
        setBusy(false);
      },
    );
  };
  useEffect(() => {
    setFailure(null);
    setBusy(false);
    if (!wanted.q.trim() || (answer.peek()?.key === key && trial === 0)) return;
    ask(null);
  }, [key, trial]);

  const found = answer.value?.key === key ? answer.value : null;
  return {
    answer: found,
    failure,
    isBusy,
    more: () => ask(found?.next ?? null),
    retry: () => setTrial(trial + 1),
  };
}

/** The server names the operator whose value is none. */
function failureText(error: unknown): string {
  const operator =
    error instanceof ActionError ? /^(from|in|has|is|before|after|on): needs/.exec(error.detail)?.[1] : null;
  if (!operator) return errorText(error);
  if (operator === "has") return t("search.bad_has");
  if (operator === "is") return t("search.bad_is");
  return t(operator === "from" || operator === "in" ? "search.bad_name" : "search.bad_day", { operator });
}
