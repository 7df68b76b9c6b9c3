// All rooms that I may see: find, look, join, leave.
import { ArrowLeft, Plus, Search } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RoomSort } from "../../net/actions";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty, Failed, Skeleton } from "../common/States";
import { usePages } from "../common/usePages";
import { useSettled } from "../common/useSettled";
import { openDialog } from "../dialogs";
import { layout } from "../layout";
import { back } from "../route";
import { me } from "../selectors";
import { RoomRow } from "./RoomRow";
import "../../styles/browser.css";
import "../../styles/room-head.css";

const KINDS = {
  all: {},
  joinable: { joined: false, archived: false },
  joined: { joined: true, archived: false },
  archived: { archived: true },
} as const;
type Kind = keyof typeof KINDS;
const SORTS = ["name", "members", "active", "new"] as const;

export function RoomBrowser() {
  const actions = useActions();
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState<Kind>("all");
  const [sort, setSort] = useState<RoomSort>("name");
  const list = useRef<HTMLUListElement>(null);
  const text = useSettled(query.trim());
  const pages = usePages(
    JSON.stringify([text, kind, sort]),
    (cursor, limit) => actions.browseRooms({ q: text, sort, ...KINDS[kind] }, cursor, limit),
    (room) => room.id,
  );
  // Coming and going changes the list: it is read again.
  const mine = [...state.value.rooms.values()].filter(
    ({ state: room }) => room.role !== null && room.kind !== "direct",
  );
  const mineKey = mine.map(({ state: room }) => room.id).join();
  useEffect(() => {
    if (pages.items) pages.again();
  }, [mineKey]);

  const { items } = pages;
  const mayCreate = me.value.role !== "guest";
  const isWhole = text === "" && kind === "all";
  const step = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const links = [...(list.current?.querySelectorAll<HTMLElement>("h2 a") ?? [])];
    const at = links.findIndex((link) => link.closest("li")?.contains(document.activeElement));
    const next = at === -1 ? (by === 1 ? links[0] : undefined) : links[at + by];
    if (!next && at !== 0) return;
    event.preventDefault();
    // Above the first room stands the field.
    (next ?? document.querySelector<HTMLElement>(".browser .search-field input"))?.focus();
  };

  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="room-title">{t("browse.title")}</h1>
        {mayCreate ? (
          <Button small icon={Plus} onClick={() => openDialog("room")}>
            {t("sidebar.new_room")}
          </Button>
        ) : null}
      </header>
      <StateLine />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys lead from the field to the rooms and back. */}
      <div class="browser" onKeyDown={step}>
        <search class="browser-tools">
          <label class="search-field">
            <span class="unseen">{t("browse.search")}</span>
            <Search size={16} strokeWidth={2} aria-hidden="true" />
            <input
              class="input"
              type="search"
              value={query}
              placeholder={t("browse.search")}
              autocomplete="off"
              onInput={(event) => setQuery(event.currentTarget.value)}
            />
          </label>
          <select
            class="input"
            aria-label={t("browse.which")}
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as Kind)}
          >
            {(Object.keys(KINDS) as Kind[]).map((one) => (
              <option key={one} value={one}>
                {t(`browse.kind_${one}`)}
              </option>
            ))}
          </select>
          <select
            class="input"
            aria-label={t("browse.order")}
            value={sort}
            onChange={(event) => setSort(event.currentTarget.value as RoomSort)}
          >
            {SORTS.map((one) => (
              <option key={one} value={one}>
                {t(`browse.sort_${one}`)}
              </option>
            ))}
          </select>
        </search>
        {!items && !pages.failure ? <Skeleton rows={6} /> : null}
        {items ? (
          <p class="browser-count" role="status">
            {t(pages.isMore ? "browse.count_more" : "browse.count", { n: items.length })}
          </p>
        ) : null}
        {items?.length === 0 ? (
          <Nothing
            kind={kind}
            query={text}
            isWhole={isWhole}
            mayCreate={mayCreate}
            onClear={() => {
              setQuery("");
              setKind("all");
            }}
          />
        ) : null}
        <ul class="browser-list" ref={list}>
          {items?.map((room) => (
            <RoomRow key={room.id} room={state.value.rooms.get(room.id)?.state ?? room} />
          ))}
        </ul>
        {pages.failure ? (
          <Failed text={pages.failure} onRetry={pages.again} />
        ) : pages.isMore ? (
          <End key={items?.length} isBusy={pages.isBusy} onSight={pages.more} />
        ) : null}
      </div>
    </main>
  );
}

interface NothingProps {
  kind: Kind;
  query: string;
  isWhole: boolean;
  mayCreate: boolean;
  onClear: () => void;
}

function Nothing({ kind, query, isWhole, mayCreate, onClear }: NothingProps) {
  if (isWhole) {
    return (
      <Empty title={t("browse.empty")}>
        {mayCreate ? (
          <Button kind="primary" onClick={() => openDialog("room")}>
            {t("sidebar.new_room")}
          </Button>
        ) : null}
      </Empty>
    );
  }
  const title = query ? t("browse.none", { query }) : t(`browse.none_${kind === "all" ? "joined" : kind}`);
  return (
    <Empty title={title}>
      <Button onClick={onClear}>{t("browse.clear")}</Button>
    </Empty>
  );
}

/** The next rooms come when the end is in sight; a button for who gets there otherwise. */
function End({ isBusy, onSight }: { isBusy: boolean; onSight: () => void }) {
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) onSight();
      },
      { rootMargin: "400px" },
    );
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return (
    <p class="browser-end" ref={place}>
      <Button small busy={isBusy} onClick={onSight}>
        {t("browse.more")}
      </Button>
    </p>
  );
}
