// Arrow-Up in an empty text: my last message is edited.
import type { Message } from "../../protocol";
import { editing } from "./editing";

/** Edit the last message that I wrote and that is still there. */
export function editLast(messages: readonly Message[], me: number): void {
  const found = messages.findLast((message) => message.sender.id === me && message.deleted_at === null);
  if (found) editing.value = found.id;
}
