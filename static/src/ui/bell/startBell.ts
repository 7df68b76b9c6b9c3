// What this tab does when it is the one that tells: a sound, and a notification where nobody looks at the page.
import { effect } from "@preact/signals";
import type { Actions } from "../../net/actions";
import { type Alert, isQuiet } from "../../store/alert";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { saidIn } from "../common/file";
import { roomName } from "../names";
import { me } from "../selectors";
import { bellChoice, startBellChoice } from "./choices";
import { play, startSounds } from "./sounds";

/** Quiet hours are changed seldom, and on other devices too. */
const QUIET_GOOD_FOR_MS = 10 * 60_000;
const WORDS_MAX_CHARS = 180;
const ICON = "/static/icon-192.png";

/** Tell from now on. */
export function startBell(actions: Actions): void {
  startBellChoice(me.peek().id);
  startSounds();
  const quiet = quietHours(actions);
  actions.onAlerts((alerts) => {
    void quiet().then((isHushed) => {
      if (!isHushed) tell(alerts);
    });
  });
  closeWhenRead();
  performance.mark("maru.bell");
}

function tell(alerts: readonly Alert[]): void {
  const { sound, isShown } = bellChoice.peek();
  void play(sound);
  const isSeen = document.visibilityState === "visible" && document.hasFocus();
  if (!isShown || isSeen || !("Notification" in globalThis) || Notification.permission !== "granted") return;
  // One a room, as the server's own: the last one is the one that is seen.
  const rooms = new Map(alerts.map((alert) => [alert.room, alert]));
  for (const alert of rooms.values()) void show(alert).catch(() => undefined);
}

async function show({ room: id, message, why }: Alert): Promise<void> {
  const now = state.peek();
  const room = now.rooms.get(id);
  if (!room) return;
  const name = message.sender.name;
  const title = why === "direct" ? name : t("bell.in_room", { name, room: roomName(room, now) });
  const path =
    message.parent === null ? `/rooms/${id}/?seq=${message.seq}` : `/rooms/${id}/?thread=${message.parent}`;
  const registration = await navigator.serviceWorker?.ready;
  // By the worker, which is there when it is pressed, and which phones ask for.
  await registration?.showNotification(title, {
    body: saidIn(message).slice(0, WORDS_MAX_CHARS),
    tag: tagOf(id),
    icon: ICON,
    badge: ICON,
    data: { path },
    silent: true,
  });
}

const tagOf = (room: number): string => `room-${room}`;

/** What is read is no longer told of on the desktop. */
function closeWhenRead(): void {
  let unread = new Set<number>();
  effect(() => {
    const now = new Set(
      [...state.value.rooms.values()].filter((room) => room.state.unread > 0).map((room) => room.state.id),
    );
    const read = [...unread].filter((id) => !now.has(id));
    unread = now;
    if (read.length > 0) void close(read).catch(() => undefined);
  });
}

async function close(rooms: readonly number[]): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const id of rooms)
    for (const shown of (await registration?.getNotifications({ tag: tagOf(id) })) ?? []) shown.close();
}

/** Ask whether it is quiet now by the clock of the person; what cannot be asked keeps nobody from being told. */
function quietHours(actions: Actions): () => Promise<boolean> {
  let asked: Promise<{ quiet_from: string; quiet_to: string; time_zone: string } | null> | null = null;
  let askedAt = 0;
  return async () => {
    if (!asked || Date.now() - askedAt > QUIET_GOOD_FOR_MS) {
      askedAt = Date.now();
      asked = actions.notificationSettings().catch(() => null);
    }
    const found = await asked;
    if (!found || found.quiet_from === "") return false;
    return isQuiet(wallTime(found.time_zone), found.quiet_from.slice(0, 5), found.quiet_to.slice(0, 5));
  };
}

function wallTime(timeZone: string): string {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  try {
    return new Intl.DateTimeFormat("en", { ...options, timeZone }).format(new Date());
  } catch {
    return new Intl.DateTimeFormat("en", options).format(new Date());
  }
}
