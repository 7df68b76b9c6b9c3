// Back to the latest message, with how many were not read.
import { ArrowDown } from "lucide-preact";
import { t } from "../../text/t";

export function JumpButton({ unread, onJump }: { unread: number; onJump: () => void }) {
  return (
    <button type="button" class="jump" data-news={unread > 0 || undefined} onClick={onJump}>
      <ArrowDown size={16} strokeWidth={2} aria-hidden="true" />
      {unread > 0 ? t("timeline.jump_new", { n: unread }) : t("timeline.jump")}
    </button>
  );
}
