// The threads that I follow: those with something new on top, each with its last replies and a place to answer.
import { ArrowLeft } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ThreadsPlace } from "../../net/actions";
import { state } from "../../store/signals";
import { unreadThreads } from "../../store/threads";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty, Failed, Skeleton } from "../common/States";
import { errorText } from "../errors";
import { layout } from "../layout";
import { back } from "../route";
import { synced } from "../selectors";
import { ThreadCard } from "./ThreadCard";
import "../../styles/threads.css";

export function ThreadsPage() {
  const actions = useActions();
  const { shown } = state.value.threads;
  const [next, setNext] = useState<ThreadsPlace | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const top = useRef<HTMLDivElement>(null);
  const isThere = useRef(true);
  const isSynced = synced.value;

  const load = async (after?: ThreadsPlace): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const place = await actions.showThreads(after);
      if (!isThere.current) return;
      setNext(place);
      if (!after) top.current?.scrollTo(0, 0);
    } catch (error) {
      if (isThere.current) setFailure(errorText(error as Error));
    }
    if (isThere.current) setBusy(false);
  };

  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
      actions.hideThreads();
    };
  }, []);
  useEffect(() => {
    // A connection that was away has missed replies: what stands here is read anew.
    if (isSynced) void load();
  }, [isSynced]);

  const known = new Set(shown?.map(({ message }) => message));
  const others = shown ? unreadThreads(state.value).filter(({ message }) => !known.has(message)).length : 0;
  const hasNews = others > 0 && !isBusy && !(next?.isUnread ?? false);
  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="room-title">{t("threads.title")}</h1>
      </header>
      <StateLine />
      <div class="threads" ref={top} aria-busy={isBusy}>
        {hasNews ? (
          <div class="threads-news">
            <Button small kind="primary" onClick={() => void load()}>
              {t("threads.show_new", { n: others })}
            </Button>
          </div>
        ) : null}
        {failure ? <Failed text={failure} onRetry={() => void load()} /> : null}
        {!shown && !failure ? <Skeleton kind="message" rows={6} /> : null}
        {shown?.length === 0 && next === null ? (
          <Empty title={t("threads.empty")}>
            <p>{t("threads.empty_hint")}</p>
          </Empty>
        ) : null}
        {shown?.map((thread) => (
          <ThreadCard key={thread.message} thread={thread} />
        ))}
        {shown && next ? (
          <Button busy={isBusy} onClick={() => void load(next)}>
            {t("threads.more")}
          </Button>
        ) : null}
      </div>
    </main>
  );
}
