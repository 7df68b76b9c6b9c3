// A long room stays light: what lies far from what is in sight leaves the page, and comes back when it is scrolled to.
import type { Actions } from "../../net/actions";
import type { Room } from "../../store/state";
import { editing } from "./editing";
import type { Follow } from "./follow";
import type { Item } from "./items";

/** Let go of rows far from what is in sight, unless one of them is in use. */
export function lighten({ state }: Room, items: readonly Item[], list: Follow, actions: Actions): void {
  const seq = seqInSight(items, list.inSight());
  const content = list.content.current;
  // A text that is being changed would be lost, and what plays would fall silent.
  if (seq === null || !content || editing.peek() !== null || isPlaying(content)) return;
  if (list.isFetching.current) return;
  const focused = content.contains(document.activeElement) ? document.activeElement : null;
  actions.lookAt(state.id, seq);
  if (!focused) return;
  // The focus goes with its row: whoever reads by keys goes on in the list and not at the top of the page.
  requestAnimationFrame(() => {
    if (!focused.isConnected && document.activeElement === document.body)
      list.scroller.current?.focus({ preventScroll: true });
  });
}

/** The message at a row, or the next one where the row is a line; the last one where the end is followed. */
export function seqInSight(items: readonly Item[], key: string | null): number | null {
  const at = key === null ? -1 : items.findIndex((item) => item.key === key);
  const found =
    at < 0
      ? items.findLast((item) => item.kind === "message")
      : items.slice(at).find((item) => item.kind === "message");
  return found?.kind === "message" ? found.message.seq : null;
}

function isPlaying(content: HTMLElement): boolean {
  return [...content.querySelectorAll<HTMLMediaElement>("audio, video")].some((media) => !media.paused);
}
