// The whole screen: the left column, the place that the address names, and what floats above them.
import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import type { Actions } from "../net/actions";
import { readConfig } from "../net/config";
import { openRoom, roomList, state } from "../store/signals";
import { language, t, useLanguage } from "../text/t";
import { ReachContext } from "./actions";
import { Dialogs } from "./common/Dialogs";
import { lazily } from "./common/lazily";
import { Toasts } from "./common/Toasts";
import { HomePage } from "./HomePage";
import { startInstall } from "./install/install";
import { LaterPage } from "./later/LaterPage";
import { RingingReminders } from "./later/RingingReminders";
import { layout, startLayout } from "./layout";
import { startNotices } from "./notices";
import { card, groupCard, startCards } from "./profile/card";
import { keptLanguage, lastRoom } from "./remembered";
import { RoomBrowser } from "./rooms/RoomBrowser";
import { RoomPage } from "./rooms/RoomPage";
import { go, roomPath, route, startRoute } from "./route";
import { SearchPage } from "./search/SearchPage";
import { me, synced } from "./selectors";
import { startShortcuts } from "./shortcuts/listen";
import { Sidebar } from "./sidebar/Sidebar";
import "../styles/tokens.css";
import "../styles/dark.css";
import "../styles/reset.css";
import "../styles/app.css";

const AdminPage = lazily(async () => (await import("./admin/AdminPage")).AdminPage);
const ThreadsPage = lazily(async () => (await import("./thread/ThreadsPage")).ThreadsPage);
const MentionsPage = lazily(async () => (await import("./unread/MentionsPage")).MentionsPage);
const UnreadPage = lazily(async () => (await import("./unread/UnreadPage")).UnreadPage);
const SettingsPage = lazily(async () => (await import("./settings/SettingsPage")).default);
const SavedPage = lazily(async () => (await import("./marks/SavedPage")).SavedPage);

const GroupCard = lazily(async () => (await import("./groups/GroupCard")).GroupCard, { isQuiet: true });
const ProfileCard = lazily(async () => (await import("./profile/ProfileCard")).ProfileCard);

export function App({ actions }: { actions: Actions }) {
  const reach = useMemo(() => ({ actions, config: readConfig() }), [actions]);
  const now = route.value;
  const isPhone = layout.value === "phone";

  useLayoutEffect(() => {
    const stops = [
      startRoute(),
      startLayout(),
      startShortcuts(actions),
      startNotices(),
      startCards(),
      startInstall(),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  useEffect(() => {
    if (language() === "ko") import("../styles/fonts-ko").catch(() => undefined);
  }, [language()]);
  useEffect(() => {
    if (now.place !== "room" && openRoom.peek()) void actions.openRoom(null);
  }, [now.place, actions]);
  useMyLanguage();
  useGoHome(isPhone);

  const panel = now.place === "room" ? now.panel : null;
  const isSidebarShown = !isPhone || now.place === "home";
  const isPlaceShown = !isPhone || now.place !== "home";
  return (
    <ReachContext.Provider value={reach}>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads into this page; only the text to write in is a better goal. */}
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          const field = document.querySelector<HTMLElement>("#main .composer textarea");
          (field ?? document.getElementById("main"))?.focus();
        }}
      >
        {t("nav.skip")}
      </a>
      <div class="app" data-panel={panel?.kind}>
        {isSidebarShown && isPhone ? (
          <main class="sidebar-place" id="main" tabIndex={-1}>
            <Sidebar />
          </main>
        ) : null}
        {isSidebarShown && !isPhone ? <Sidebar /> : null}
        {isPlaceShown ? <Place /> : null}
      </div>
      <Dialogs />
      <Toasts />
      <RingingReminders />
      {card.value ? <ProfileCard key={card.value.user} {...card.value} /> : null}
      {groupCard.value ? <GroupCard key={groupCard.value.group} {...groupCard.value} /> : null}
    </ReachContext.Provider>
  );
}

function Place() {
  const now = route.value;
  if (now.place === "room") return <RoomPage route={now} />;
  if (now.place === "browse") return <RoomBrowser />;
  if (now.place === "later") return <LaterPage />;
  if (now.place === "unread") return <UnreadPage />;
  if (now.place === "mentions") return <MentionsPage />;
  if (now.place === "search") return <SearchPage route={now} />;
  if (now.place === "threads") return <ThreadsPage />;
  if (now.place === "saved") return <SavedPage />;
  if (now.place === "home") return <HomePage />;
  if (now.place === "admin") return <AdminPage section={now.section} person={now.person} />;
  return <SettingsPage section={now.section} />;
}

/** Speak the language that I have chosen on another device. */
function useMyLanguage(): void {
  const { id, language: chosen } = me.value;
  useEffect(() => {
    const isHere = chosen === language() || keptLanguage(id) !== null;
    if (!isHere && (chosen === "en" || chosen === "ko")) void useLanguage(chosen);
  }, [id, chosen]);
}

/** With room for both columns, home is the room where I was last. */
function useGoHome(isPhone: boolean): void {
  const isHome = route.value.place === "home";
  const isKnown = synced.value || state.value.keptAt !== null;
  useEffect(() => {
    // At the first drawing neither the address nor the width of the window had been read.
    if (!isHome || isPhone || !isKnown || route.peek().place !== "home" || layout.peek() === "phone") return;
    const mine = roomList.peek().filter((room) => room.state.role !== null);
    const last = lastRoom(me.peek().id);
    const target = mine.find((room) => room.state.id === last) ?? mine[0];
    if (target) go(roomPath(target.state.id), true);
  }, [isHome, isPhone, isKnown, roomList.value.length]);
}
