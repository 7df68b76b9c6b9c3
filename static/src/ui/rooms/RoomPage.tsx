// A room: its head, the honest state line, what was said, and where to say something; a panel beside it.
import { ArrowLeft, Megaphone } from "lucide-preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { IconButton } from "../common/IconButton";
import { lazily } from "../common/lazily";
import { StateLine } from "../common/StateLine";
import { Skeleton } from "../common/States";
import { Composer } from "../composer/Composer";
import { addFiles, placeOf } from "../composer/trays";
import { layout } from "../layout";
import { endSelection, selection } from "../marks/selection";
import { roomName } from "../names";
import { rememberRoom } from "../remembered";
import { back, type Route, roomPath, step } from "../route";
import { me, rightsOf } from "../selectors";
import { ThreadPanel } from "../thread/ThreadPanel";
import { editing } from "../timeline/editing";
import { editLast } from "../timeline/editLast";
import { standsIn } from "../timeline/items";
import { type Kept, keptPlaces } from "../timeline/kept";
import { Timeline } from "../timeline/Timeline";
import { ArchivedNote } from "./ArchivedNote";
import { ClosedNote } from "./ClosedNote";
import { RoomHead } from "./RoomHead";
import { StrangerPage } from "./StrangerPage";
import { useDrop } from "./useDrop";
import "../../styles/room.css";

const MemberPanel = lazily(async () => (await import("./MemberPanel")).MemberPanel);
const PinPanel = lazily(async () => (await import("../marks/PinPanel")).PinPanel);
const SelectionBar = lazily(async () => (await import("../marks/SelectionBar")).SelectionBar);

type RoomRoute = Extract<Route, { place: "room" }>;

export function RoomPage({ route }: { route: RoomRoute }) {
  const actions = useActions();
  const { room: id, panel } = route;
  // What is looked for in a thread stands there.
  const seq = panel?.kind === "thread" ? null : route.seq;
  const room = state.value.rooms.get(id);
  const isMember = room !== undefined && room.state.role !== null;
  const isKnown = state.value.synced || isMember;
  const mostBytes = useConfig().settings.uploadMaxBytes;
  const mayWrite = isMember && rightsOf(room.state, me.value.role).begin;
  const drop = useDrop(mayWrite ? (files) => addFiles(actions, placeOf(id, null), files, mostBytes) : null);

  // Once for each opening: with a panel beside it or without one the timeline stays where it is.
  const opening = useMemo(
    () => ({ kept: keptPlaces.find(step.peek(), id, seq !== null || room?.state.unread !== 0) }),
    [id, seq, isMember],
  );
  const [arrived, setArrived] = useState<object | null>(null);

  // Asked for in the moment when the server lets us, and not after a first drawing of the room.
  useEffect(() => {
    if (!isKnown && !keptPlaces.find(step.peek(), id, seq !== null)) {
      actions.openRoom(id, seq ?? undefined).catch(() => undefined);
    }
  }, [id, seq]);
  useEffect(() => {
    if (!isMember) return;
    rememberRoom(me.peek().id, id);
    // What fails is shown in the timeline, with Retry.
    const opened = actions.openRoom(id, opening.kept?.seq ?? seq ?? undefined);
    opened.catch(() => undefined).finally(() => setArrived(opening));
  }, [opening]);
  useEffect(
    () => () => {
      editing.value = null;
      endSelection();
    },
    [id],
  );

  if (!isKnown) return <WaitingPage />;
  if (!isMember) return <StrangerPage key={id} id={id} />;
  const closePanel = (): void => back(roomPath(id));
  return (
    <>
      <main
        class="room"
        id={panel && layout.value === "phone" ? undefined : "main"}
        tabIndex={-1}
        data-column
        aria-label={roomName(room, state.value)}
        data-drop={drop.isOver || undefined}
        data-drop-text={t("files.drop")}
        {...drop.handlers}
      >
        <RoomHead room={room} panel={panel} />
        <StateLine />
        <Timeline
          key={id}
          room={room}
          seq={seq}
          kept={opening.kept}
          isComing={arrived !== opening && isAway(room, opening.kept)}
        />
        <Foot room={room} />
      </main>
      {panel?.kind === "thread" ? (
        <ThreadPanel
          key={panel.message}
          room={room}
          message={panel.message}
          seq={route.seq}
          onClose={closePanel}
        />
      ) : null}
      {panel?.kind === "pins" ? <PinPanel room={room} onClose={closePanel} /> : null}
      {panel?.kind === "members" ? <MemberPanel room={room} onClose={closePanel} /> : null}
    </>
  );
}

/** Whether the message at which the room was left has to be fetched. */
function isAway({ timeline }: Room, kept: Kept | null): boolean {
  return kept !== null && !timeline.messages.some((message) => message.seq === kept.seq);
}

/** Nothing is known yet: what the connection does is all there is to say. */
function WaitingPage() {
  return (
    <main class="room" id="main" tabIndex={-1} aria-busy="true">
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="unseen">{t("stranger.title")}</h1>
      </header>
      <StateLine />
      <div class="room-waiting">
        <Skeleton kind="message" rows={8} />
      </div>
    </main>
  );
}

function Foot({ room }: { room: Room }) {
  const { id, kind, archived } = room.state;
  const rights = rightsOf(room.state, me.value.role);
  if (selection.value?.room === id && selection.value.parent === null)
    return <SelectionBar messages={room.timeline.messages} rights={rights} />;
  if (archived) return <ArchivedNote room={room} />;
  if (!rights.write) return <ClosedNote text={t("composer.read_only")} />;
  if (!rights.begin) {
    return (
      <ClosedNote icon={Megaphone} text={t(`composer.posting_${rights.answer ? "threads" : "moderators"}`)} />
    );
  }
  const name = roomName(room, state.value);
  return (
    <Composer
      key={id}
      room={id}
      placeholder={t(kind === "direct" ? "composer.to_person" : "composer.to_room", { name })}
      onUp={() =>
        editLast(
          room.timeline.messages.filter((message) => standsIn(message, null)),
          me.value.id,
        )
      }
    />
  );
}
