// A room that I am not in: an open one can be joined, every other one is not there for me.
import { ArrowLeft, Hash } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { RoomState } from "../../protocol";
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
import { Unsent } from "./Unsent";
import "../../styles/room.css";

type Found =
  | { at: "loading" }
  | { at: "missing" }
  | { at: "failed"; text: string }
  | { at: "found"; room: RoomState };

export function StrangerPage({ id }: { id: number }) {
  const actions = useActions();
  const [found, setFound] = useState<Found>({ at: "loading" });
  const [trial, setTrial] = useState(0);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    let isGone = false;
    setFound({ at: "loading" });
    actions.browseRooms().then(
      (rooms) => {
        const room = rooms.find((each) => each.id === id);
        if (!isGone) setFound(room ? { at: "found", room } : { at: "missing" });
      },
      (error: unknown) => {
        if (!isGone) setFound({ at: "failed", text: errorText(error) });
      },
    );
    return () => {
      isGone = true;
    };
  }, [id, trial]);

  const join = async (): Promise<void> => {
    setBusy(true);
    await tell(actions.join(id));
    setBusy(false);
  };

  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="room-title">
          {found.at === "found" ? <bdi>{found.room.name}</bdi> : t("stranger.title")}
        </h1>
      </header>
      <StateLine />
      <div class="room-middle">
        {found.at === "loading" ? <Skeleton rows={3} /> : null}
        {found.at === "failed" ? <Failed text={found.text} onRetry={() => setTrial(trial + 1)} /> : null}
        {found.at === "missing" ? (
          <Empty title={t("stranger.missing")}>
            <p>{t("stranger.missing_hint")}</p>
            <Button onClick={() => go("/rooms/")}>{t("sidebar.browse")}</Button>
          </Empty>
        ) : null}
        {found.at === "found" ? (
          <Empty
            title={t("stranger.not_in")}
            mark={
              <span class="room-start-sign">
                <Hash size={26} strokeWidth={1.75} aria-hidden="true" />
              </span>
            }
          >
            {found.room.topic ? (
              <p>
                <bdi>{found.room.topic}</bdi>
              </p>
            ) : null}
            <p>{t("members.count", { n: found.room.members })}</p>
            <Button kind="primary" busy={isBusy} onClick={() => void join()}>
              {t("rooms.join")}
            </Button>
          </Empty>
        ) : null}
        <Unsent room={id} />
      </div>
    </main>
  );
}
