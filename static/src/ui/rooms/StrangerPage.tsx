// A room that I am not in: an open one can be looked at and joined, every other one is not there for me.
import { ArrowLeft, Hash } from "lucide-preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ActionError } from "../../net/actions";
import type { Message, RoomState } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty, Failed, Skeleton } from "../common/States";
import { tell } from "../common/toasts";
import { errorText } from "../errors";
import { layout } from "../layout";
import { back, go } from "../route";
import { me, rightsOf } from "../selectors";
import { DayGroup } from "../timeline/DayGroup";
import { daysOf } from "../timeline/days";
import { timelineItems } from "../timeline/items";
import { Unsent } from "./Unsent";
import "../../styles/room.css";
import "../../styles/room-head.css";
import "../../styles/timeline.css";
import "../../styles/stranger.css";

type Found =
  | { at: "loading" }
  | { at: "missing" }
  | { at: "failed"; text: string }
  | { at: "found"; room: RoomState; messages: Message[] };

export function StrangerPage({ id }: { id: number }) {
  const actions = useActions();
  const [found, setFound] = useState<Found>({ at: "loading" });
  const [trial, setTrial] = useState(0);

  useEffect(() => {
    let isGone = false;
    setFound({ at: "loading" });
    Promise.all([actions.readRoom(id), actions.peek(id)]).then(
      ([room, messages]) => {
        if (!isGone) setFound({ at: "found", room, messages });
      },
      (error: unknown) => {
        const isMissing = error instanceof ActionError && error.code === "not_found";
        if (!isGone) setFound(isMissing ? { at: "missing" } : { at: "failed", text: errorText(error) });
      },
    );
    return () => {
      isGone = true;
    };
  }, [id, trial]);

  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/rooms/")} />
        ) : null}
        {found.at === "found" ? (
          <div class="room-titles">
            <h1 class="room-title">
              <Hash class="room-sign" size={18} strokeWidth={2} aria-hidden="true" />
              <bdi>{found.room.name}</bdi>
            </h1>
            <p class="room-topic">
              {t("members.count", { n: found.room.members })}
              {found.room.topic ? (
                <>
                  {" · "}
                  <bdi>{found.room.topic}</bdi>
                </>
              ) : null}
            </p>
          </div>
        ) : (
          <h1 class="room-title">{t("stranger.title")}</h1>
        )}
      </header>
      <StateLine />
      {found.at === "found" ? (
        <Look room={found.room} messages={found.messages} />
      ) : (
        <div class="room-middle">
          {found.at === "loading" ? <Skeleton rows={3} /> : null}
          {found.at === "failed" ? <Failed text={found.text} onRetry={() => setTrial(trial + 1)} /> : null}
          {found.at === "missing" ? (
            <Empty title={t("stranger.missing")}>
              <p>{t("stranger.missing_hint")}</p>
              <Button onClick={() => go("/rooms/")}>{t("sidebar.browse")}</Button>
            </Empty>
          ) : null}
          <Unsent room={id} />
        </div>
      )}
    </main>
  );
}

/** What was said there last, to be read, and the way in. */
function Look({ room, messages }: { room: RoomState; messages: readonly Message[] }) {
  const actions = useActions();
  const [isBusy, setBusy] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const days = useMemo(
    () =>
      daysOf(
        timelineItems({
          messages,
          pending: [],
          me: me.peek().id,
          parent: null,
          newLineAfter: null,
          gapBeforeSeq: null,
        }),
      ),
    [messages],
  );
  useLayoutEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [messages]);
  const join = async (): Promise<void> => {
    setBusy(true);
    await tell(actions.join(room.id));
    setBusy(false);
  };
  return (
    <>
      <div class="timeline-place">
        <div
          ref={list}
          class="timeline"
          role="log"
          aria-live="off"
          aria-label={t("stranger.look")}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard.
          tabIndex={0}
        >
          <div class="timeline-content">
            {days.length === 0 ? <Empty title={t("stranger.silent")} /> : null}
            {days.map((day) => (
              <DayGroup
                key={day.key}
                day={day}
                rights={rightsOf(room, me.value.role)}
                flashed={null}
                repliers={new Map()}
                tabStop={null}
                isInThread
              />
            ))}
          </div>
        </div>
      </div>
      <Unsent room={room.id} />
      <div class="stranger-foot">
        <p>{t(room.archived ? "stranger.archived" : "stranger.not_in")}</p>
        {room.archived ? null : (
          <Button kind="primary" busy={isBusy} onClick={() => void join()}>
            {t("rooms.join")}
          </Button>
        )}
      </div>
    </>
  );
}
