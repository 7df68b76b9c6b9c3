// What a screen reader hears of a room: who said what, politely, and only a number when many speak at once.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { saidIn } from "../common/file";
import { me } from "../selectors";
import { standsIn } from "./items";

const GATHER_MS = 900;
const READ_MAX_CHARS = 160;

export function News({ room }: { room: Room }) {
  const { messages, hasAfter, loaded } = room.timeline;
  const [text, setText] = useState("");
  const heard = useRef<{ room: number; seq: number } | null>(null);
  const waiting = useRef<string[]>([]);
  const timer = useRef<number | undefined>(undefined);
  const last = messages.at(-1)?.seq ?? 0;

  useEffect(() => {
    if (!loaded || hasAfter) return;
    const from = heard.current;
    heard.current = { room: room.state.id, seq: last };
    if (!from || from.room !== room.state.id) return;
    for (const message of messages.slice(-20)) {
      const isNews = message.seq > from.seq && standsIn(message, null) && message.sender.id !== me.peek().id;
      if (isNews && message.deleted_at === null) {
        const text = saidIn(message).slice(0, READ_MAX_CHARS);
        waiting.current.push(t("timeline.said", { name: message.sender.name, text }));
      }
    }
    if (waiting.current.length === 0 || timer.current !== undefined) return;
    timer.current = window.setTimeout(() => {
      const all = waiting.current.splice(0);
      timer.current = undefined;
      setText(all.length === 1 ? all[0]! : t("timeline.news", { n: all.length }));
    }, GATHER_MS);
  }, [room.state.id, last, loaded, hasAfter]);

  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <p class="unseen" role="status" aria-live="polite">
      {text}
    </p>
  );
}
