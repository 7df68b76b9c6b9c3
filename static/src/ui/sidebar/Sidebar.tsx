// The left column: where I am, the rooms, the conversations, and me.
import { Compass, House, MessageCirclePlus, Plus, Search, UserPlus } from "lucide-preact";
import { openRoom, roomList, state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useConfig } from "../actions";
import { IconButton } from "../common/IconButton";
import { Mark } from "../common/Mark";
import { MenuButton } from "../common/Menu";
import { Skeleton } from "../common/States";
import { openDialog } from "../dialogs";
import { modKey } from "../keys";
import { follow, route } from "../route";
import { LaterLink } from "./LaterLink";
import { MeCard } from "./MeCard";
import { RoomLink } from "./RoomLink";
import { SavedLink } from "./SavedLink";
import { SearchLink } from "./SearchLink";
import { Section } from "./Section";
import "../../styles/sidebar.css";

export function Sidebar() {
  const config = useConfig();
  const rooms = roomList.value.filter((room) => room.state.kind !== "direct" && room.state.role !== null);
  const directs = roomList.value.filter((room) => room.state.kind === "direct");
  const isLoading = !state.value.synced && roomList.value.length === 0;
  const isGuest = state.value.me.role === "guest";
  return (
    <nav class="sidebar" aria-label={t("sidebar.label")}>
      <div class="side-head">
        <Mark size={26} />
        <h1 class="side-title">
          <bdi>{config.workspace}</bdi>
        </h1>
        {isGuest ? null : (
          <IconButton icon={UserPlus} label={t("sidebar.invite")} onClick={() => openDialog("invite")} />
        )}
      </div>
      <button type="button" class="side-search" onClick={() => openDialog("switcher")}>
        <Search size={16} strokeWidth={1.75} aria-hidden="true" />
        <span>{t("sidebar.jump")}</span>
        <span class="kbd" aria-hidden="true">
          {modKey()}K
        </span>
      </button>
      <div class="side-scroll">
        {isLoading ? (
          <Skeleton rows={5} />
        ) : (
          <>
            <SearchLink />
            <SavedLink />
            <LaterLink />
            <Section
              id="rooms"
              title={t("sidebar.rooms")}
              action={isGuest ? null : <RoomsMenu />}
              rest={links(rooms.filter(isKept))}
            >
              {links(rooms)}
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
            </Section>
            <Section
              id="directs"
              title={t("sidebar.directs")}
              action={
                <IconButton
                  icon={Plus}
                  small
                  label={t("sidebar.new_direct")}
                  onClick={() => openDialog("direct")}
                />
              }
              rest={links(directs.filter(isKept))}
            >
              {links(directs)}
              {directs.length === 0 ? (
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
          </>
        )}
      </div>
      <MeCard />
    </nav>
  );
}

function RoomsMenu() {
  return (
    <MenuButton
      icon={Plus}
      small
      label={t("sidebar.add_room")}
      items={[
        { label: t("sidebar.new_room"), icon: House, choose: () => openDialog("room") },
        { label: t("sidebar.browse"), icon: Compass, choose: () => openDialog("browse") },
      ]}
    />
  );
}

function isKept(room: Room): boolean {
  return room.state.id === openRoom.value?.state.id || room.state.unread > 0 || room.state.mentions > 0;
}

function links(rooms: readonly Room[]) {
  const openId = route.value.place === "room" ? route.value.room : null;
  return rooms.map((room) => (
    <li key={room.state.id}>
      <RoomLink room={room} isOpen={room.state.id === openId} />
    </li>
  ));
}
