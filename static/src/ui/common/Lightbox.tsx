// A picture alone, as large as the screen lets it; arrows and swipes go to the others of its room, Esc goes back.
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from "lucide-preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Actions } from "../../net/actions";
import type { Attachment } from "../../protocol";
import { state } from "../../store/signals";
import { dueOf } from "../../text/dates";
import { t } from "../../text/t";
import { ReachContext } from "../actions";
import { closeDialog } from "../dialogs";
import { IconButton } from "./IconButton";
import { useRoomPictures } from "./roomPictures";
import "../../styles/lightbox.css";

/** Zooming in shows at least so much more. */
const NEARER = 2;
/** A finger that goes so far sideways means another picture. */
const SWIPE_LEAST_PX = 48;
const STEP_PX = 120;
/** Others are fetched when so few are left on a side. */
const AHEAD_COUNT = 4;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

interface LightboxProps {
  pictures: readonly Attachment[];
  at: number;
  /** Where it stands, to walk on through the room. */
  room?: number;
  actions?: Pick<Actions, "search">;
}

/** The same within the page: what is not there yet is fetched. */
export function RoomLightbox(props: Omit<LightboxProps, "actions">) {
  const reach = useContext(ReachContext);
  return <Lightbox {...props} {...(reach ? { actions: reach.actions } : {})} />;
}

/** How wide a picture is drawn that is looked at closely, and which part of it stays in the middle (0 to 1). */
interface Near {
  width: number;
  x: number;
  y: number;
}

export function Lightbox({ pictures, at, room, actions }: LightboxProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const touch = useRef<{ x: number; y: number } | null>(null);
  const { all, isAll, more } = useRoomPictures(pictures, room, state.value, actions ?? null);
  // By what it is and not by its place: others come before it while it is looked at.
  const [open, setOpen] = useState(pictures[Math.max(0, at)]?.id);
  const shown = Math.max(
    0,
    all.findIndex(({ picture: { id } }) => id === open),
  );
  const [near, setNear] = useState<Near | null>(null);
  const { picture, message } = all[shown] ?? {};
  const go = (step: number): void => {
    setNear(null);
    setOpen(all[Math.min(all.length - 1, Math.max(0, shown + step))]?.picture.id);
  };
  const zoom = (isIn: boolean, point?: { clientX: number; clientY: number }): void => {
    const box = stage.current?.querySelector("img")?.getBoundingClientRect();
    if (!isIn || !box || !picture) {
      setNear(null);
      return;
    }
    const x = point ? (point.clientX - box.left) / box.width : 0.5;
    const y = point ? (point.clientY - box.top) / box.height : 0.5;
    setNear({ width: Math.max(NEARER * box.width, picture.width ?? 0), x, y });
  };

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    return () => {
      ref.current?.close();
      if (before?.isConnected) before.focus();
    };
  }, []);

  const isNearEnd = shown < AHEAD_COUNT || shown >= all.length - AHEAD_COUNT;
  useEffect(() => {
    if (isNearEnd && !isAll) more();
  }, [open, isNearEnd, all.length]);

  useLayoutEffect(() => {
    const box = stage.current;
    if (!box || !near) return;
    box.scrollLeft = near.x * box.scrollWidth - box.clientWidth / 2;
    box.scrollTop = near.y * box.scrollHeight - box.clientHeight / 2;
  }, [near]);

  if (!picture) return null;
  const { name, alt, width, height } = picture;
  // What moves is only whole in the file itself, and what is looked at closely is sharp only there.
  const isWhole = picture.type === "image/gif" || picture.type === "image/webp" || near !== null;
  const address = isWhole ? picture.url : `${picture.thumbnail}?size=large`;
  return (
    <dialog
      ref={ref}
      class="lightbox"
      aria-label={alt || name}
      onCancel={(event) => {
        event.preventDefault();
        closeDialog();
      }}
      onKeyDown={(event) => {
        const { key } = event;
        if (event.ctrlKey || event.metaKey) return;
        const way = ARROWS[key];
        if (way) event.preventDefault();
        // Closely looked at, arrows move the picture itself.
        if (way && near) stage.current?.scrollBy(STEP_PX * way[0], STEP_PX * way[1]);
        else if (way && way[0] !== 0) go(way[0]);
        else if (key === "+" || key === "=") zoom(true);
        else if (key === "-") zoom(false);
      }}
      onClick={(event) => {
        const target = event.target as HTMLElement;
        if (target.closest("img")) zoom(!near, event);
        // Not told by what it is not: the icon that was clicked may be another one by now.
        else if (target === event.currentTarget || target === stage.current) closeDialog();
      }}
    >
      <header class="lightbox-head">
        <div class="lightbox-words">
          <bdi class="lightbox-name">{name}</bdi>
          {message ? (
            <span class="lightbox-from">
              <bdi>{message.sender.name}</bdi> · {dueOf(message.at)}
            </span>
          ) : null}
        </div>
        <IconButton
          icon={near ? ZoomOut : ZoomIn}
          label={t(near ? "files.zoom_out" : "files.zoom_in")}
          onClick={() => zoom(!near)}
        />
        <a
          class="icon-button"
          href={picture.url}
          download={name}
          aria-label={t("files.download", { name })}
          title={t("files.download", { name })}
        >
          <Download size={18} strokeWidth={1.75} aria-hidden="true" />
        </a>
        <IconButton icon={X} label={t("dialog.close")} onClick={closeDialog} />
      </header>
      <div
        ref={stage}
        class="lightbox-stage"
        data-near={near !== null || undefined}
        // What scrolls has to be reached by keys.
        tabIndex={near ? 0 : undefined}
        onTouchStart={({ touches }) => {
          const only = touches.length === 1 ? touches[0] : undefined;
          touch.current = only ? { x: only.clientX, y: only.clientY } : null;
        }}
        onTouchEnd={({ changedTouches }) => {
          const [from, to] = [touch.current, changedTouches[0]];
          touch.current = null;
          if (!from || !to || near || (visualViewport?.scale ?? 1) > 1) return;
          const [x, y] = [to.clientX - from.x, to.clientY - from.y];
          if (Math.abs(x) >= SWIPE_LEAST_PX && Math.abs(x) > 2 * Math.abs(y)) go(x < 0 ? 1 : -1);
        }}
      >
        <img
          key={picture.id}
          src={address}
          alt={alt}
          width={width ?? undefined}
          height={height ?? undefined}
          style={near ? { width: `${near.width}px` } : undefined}
        />
      </div>
      {alt ? (
        <p class="lightbox-alt" dir="auto">
          {alt}
        </p>
      ) : null}
      {all.length > 1 ? (
        <nav class="lightbox-walk" aria-label={t("files.walk")}>
          <IconButton
            icon={ChevronLeft}
            label={t("files.before")}
            disabled={shown === 0}
            onClick={() => go(-1)}
          />
          <span aria-live="polite">
            {t("files.place", { at: shown + 1, n: isAll ? all.length : `${all.length}+` })}
          </span>
          <IconButton
            icon={ChevronRight}
            label={t("files.after")}
            disabled={shown === all.length - 1}
            onClick={() => go(1)}
          />
        </nav>
      ) : null}
    </dialog>
  );
}
