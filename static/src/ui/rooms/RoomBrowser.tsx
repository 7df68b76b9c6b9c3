// All rooms that I may see: search, look, join, leave.
import { ArrowLeft, Plus, Search } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { RoomState } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty, Failed, Skeleton } from "../common/States";
import { openDialog } from "../dialogs";
import { errorText } from "../errors";
import { layout } from "../layout";
import { search } from "../match";
import { back } from "../route";
import { me } from "../selectors";
import { RoomRow } from "./RoomRow";
import "../../styles/browser.css";

export function RoomBrowser() {
  const actions = useActions();
  const [rooms, setRooms] = useState<readonly RoomState[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [query, setQuery] = useState("");
  const [trial, setTrial] = useState(0);
  // Coming and going changes the list: it is read again.
  const mine = [...state.value.rooms.values()].filter(
    ({ state: room }) => room.role !== null && room.kind !== "direct",
  );
  const mineKey = mine.map(({ state: room }) => room.id).join();

  useEffect(() => {
    let isGone = false;
    setFailure(null);
    actions.browseRooms().then(
      (found) => {
        const rooms = found.filter((room) => room.kind !== "direct");
        if (!isGone)
          setRooms(
            rooms.sort((a, b) => Number(a.archived) - Number(b.archived) || a.name.localeCompare(b.name)),
          );
      },
      (error: unknown) => {
        if (!isGone) setFailure(errorText(error));
      },
    );
    return () => {
      isGone = true;
    };
  }, [trial, mineKey]);

  const shown = rooms ? search(rooms, query, (room) => [room.name, room.topic]) : [];
  const mayCreate = me.value.role !== "guest";
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
      <div class="browser">
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
        {failure ? <Failed text={failure} onRetry={() => setTrial(trial + 1)} /> : null}
        {!rooms && !failure ? <Skeleton rows={6} /> : null}
        {rooms ? (
          <p class="browser-count" role="status">
            {t("browse.count", { n: shown.length })}
          </p>
        ) : null}
        {rooms && rooms.length === 0 ? (
          <Empty title={t("browse.empty")}>
            {mayCreate ? (
              <Button kind="primary" onClick={() => openDialog("room")}>
                {t("sidebar.new_room")}
              </Button>
            ) : null}
          </Empty>
        ) : null}
        {rooms && rooms.length > 0 && shown.length === 0 ? (
          <Empty title={t("browse.none", { query })}>
            <Button onClick={() => setQuery("")}>{t("browse.clear")}</Button>
          </Empty>
        ) : null}
        <ul class="browser-list">
          {shown.map((room) => (
            <RoomRow key={room.id} room={state.value.rooms.get(room.id)?.state ?? room} />
          ))}
        </ul>
      </div>
    </main>
  );
}
