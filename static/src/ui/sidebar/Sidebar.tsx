// The left column: where I am, the rooms, the conversations, and me.
import { Compass, FolderPlus, House, MessageCirclePlus, Plus, Search, UserPlus } from "lucide-preact";
import { FAVOURITES, isWaiting, type Part, PLAIN, partsOf } from "../../store/sidebar";
import { openRoom, roomList, state } from "../../store/signals";
import type { Room } from "../../store/state";
import { workspace } from "../../store/workspace";
import { t } from "../../text/t";
import { useConfig } from "../actions";
import { IconButton } from "../common/IconButton";
import { MenuButton } from "../common/Menu";
import { Skeleton } from "../common/States";
import { WorkspaceMark } from "../common/WorkspaceMark";
import { dialog, openDialog } from "../dialogs";
import { InstallHint } from "../install/InstallHint";
import { modKey } from "../keys";
import { follow, route } from "../route";
import { dragged } from "./dragging";
import { LaterLink } from "./LaterLink";
import { MeCard } from "./MeCard";
import { OrderMenu } from "./OrderMenu";
import { ReportsLink } from "./ReportsLink";
import { RoomItem } from "./RoomItem";
import { SavedLink } from "./SavedLink";
import { SearchLink } from "./SearchLink";
import { Section } from "./Section";
import { SectionMenu } from "./SectionMenu";
import { ThreadsLink } from "./ThreadsLink";
import { UnreadLinks } from "./UnreadLinks";
import "../../styles/sidebar.css";

export function Sidebar() {
  const config = useConfig();
  const openId = route.value.place === "room" ? route.value.room : null;
  const parts = partsOf(roomList.value, state.value.sidebar ?? PLAIN, openId);
  const isLoading = !state.value.synced && roomList.value.length === 0;
  const isGuest = state.value.me.role === "guest";
  return (
    <nav class="sidebar" aria-label={t("sidebar.label")}>
      <div class="side-head">
        <WorkspaceMark size={26} />
        <h1 class="side-title">
          <bdi>{workspace.value.name}</bdi>
        </h1>
        {isGuest || !config.settings.invites ? null : (
          <IconButton icon={UserPlus} label={t("sidebar.invite")} onClick={() => openDialog("invite")} />
        )}
      </div>
      <div class="side-tools">
        <button type="button" class="side-search" onClick={() => openDialog("switcher")}>
          <Search size={16} strokeWidth={1.75} aria-hidden="true" />
          <span>{t("sidebar.jump")}</span>
          <span class="kbd" aria-hidden="true">
            {modKey()}K
          </span>
        </button>
        <OrderMenu />
      </div>
      <div class="side-scroll">
        {isLoading ? (
          <Skeleton rows={5} />
        ) : (
          <>
            <UnreadLinks />
            <ThreadsLink />
            <SearchLink />
            <SavedLink />
            <LaterLink />
            <ReportsLink />
            {parts.map((part) => (
              <PartSection key={part.id} part={part} isGuest={isGuest} />
            ))}
          </>
        )}
      </div>
      <InstallHint />
      <MeCard />
    </nav>
  );
}

/** One part with its rooms; favourites are there once there are any, or a room is on its way. */
function PartSection({ part, isGuest }: { part: Part; isGuest: boolean }) {
  const { makesRooms } = useConfig().settings;
  const { id, rooms, isOrdered } = part;
  const isFavourites = id === FAVOURITES;
  if (isFavourites && (state.value.sidebar?.favourites.length ?? 0) === 0 && dragged.value === null)
    return null;
  const title = part.name ?? t(TITLES[id as keyof typeof TITLES]);
  const open = openRoom.value?.state.id;
  const items = (shown: readonly Room[]) =>
    shown.map((room) => (
      <RoomItem
        key={room.state.id}
        room={room}
        isOpen={route.value.place === "room" && room.state.id === route.value.room}
        part={id}
        isOrdered={isOrdered}
      />
    ));
  const isFirstDirect =
    id === "directs" && ![...state.value.rooms.values()].some(({ state: { kind } }) => kind === "direct");
  return (
    <Section
      id={id}
      title={title}
      drop={isOrdered ? id : null}
      action={
        part.name !== null ? (
          <SectionMenu id={id} name={part.name} />
        ) : id === "directs" ? (
          <IconButton
            icon={Plus}
            small
            label={t("sidebar.new_direct")}
            onClick={() => openDialog("direct")}
          />
        ) : id === "rooms" && !isGuest ? (
          <RoomsMenu makesRooms={makesRooms} />
        ) : null
      }
      rest={items(rooms.filter((room) => room.state.id === open || isWaiting(room)))}
    >
      {items(rooms)}
      {isOrdered && rooms.length === 0 ? (
        <li class="side-empty">
          {t(state.value.sidebar?.only_unread ? "section.none_unread" : "section.empty")}
        </li>
      ) : null}
      {id === "rooms" ? (
        <li>
          <a
            class="room-link room-link-more"
            href="/rooms/"
            aria-current={route.value.place === "browse" ? "page" : undefined}
            onClick={follow}
          >
            <span class="room-link-sign">
              <Compass size={16} strokeWidth={2} aria-hidden="true" />
            </span>
            <span class="room-link-name">{t("sidebar.browse")}</span>
          </a>
        </li>
      ) : null}
      {isFirstDirect ? (
        <li>
          <button type="button" class="room-link room-link-more" onClick={() => openDialog("direct")}>
            <span class="room-link-sign">
              <MessageCirclePlus size={16} strokeWidth={2} aria-hidden="true" />
            </span>
            <span class="room-link-name">{t("sidebar.first_direct")}</span>
          </button>
        </li>
      ) : null}
    </Section>
  );
}

const TITLES = {
  favourites: "sidebar.favourites",
  rooms: "sidebar.rooms",
  directs: "sidebar.directs",
} as const;

function RoomsMenu({ makesRooms }: { makesRooms: boolean }) {
  return (
    <MenuButton
      icon={Plus}
      small
      label={t("sidebar.add_room")}
      items={[
        ...(makesRooms
          ? [{ label: t("sidebar.new_room"), icon: House, choose: () => openDialog("room") }]
          : []),
        {
          label: t("section.new"),
          icon: FolderPlus,
          choose: () => {
            dialog.value = { kind: "section", section: null, room: null };
          },
        },
        { label: t("sidebar.browse"), icon: Compass, choose: () => openDialog("browse") },
      ]}
    />
  );
}
