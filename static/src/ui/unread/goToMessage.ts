// In lists across rooms the time of a message leads to its place.
import { messagePath } from "../marks/place";
import { go } from "../route";
import { shownApart } from "./shown";

/** Go to the message whose time was pressed; other presses are not meant. */
export function goToMessage(event: MouseEvent): void {
  const time = (event.target as HTMLElement).closest("time.message-time");
  const row = time?.closest<HTMLElement>("article[data-key]");
  const message = row ? shownApart(Number(row.dataset.key?.replace("m-", ""))) : undefined;
  if (message) go(messagePath(message));
}
