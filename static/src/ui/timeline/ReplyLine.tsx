// Above a reply that was said to the room too: to what it is one, and the way into its thread.
import { CornerDownRight } from "lucide-preact";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { saidIn } from "../common/file";
import { follow, roomPath } from "../route";

const WORDS_MAX_CHARS = 80;

/** A quote in one line needs no marks of Markdown. */
function plainOf(text: string): string {
  return text
    .replace(/[*_~`>#]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

export function ReplyLine({ message, thread }: { message: Message; thread: number }) {
  const messages = state.value.rooms.get(message.room)?.timeline.messages;
  const first = messages?.find(({ id }) => id === thread);
  const words = first && first.deleted_at === null ? plainOf(saidIn(first)).slice(0, WORDS_MAX_CHARS) : "";
  return (
    <a class="reply-line" href={roomPath(message.room, { kind: "thread", message: thread })} onClick={follow}>
      <CornerDownRight size={13} strokeWidth={2} aria-hidden="true" />
      <span>{t("thread.reply_line")}</span>
      {words ? <bdi>{words}</bdi> : null}
    </a>
  );
}
