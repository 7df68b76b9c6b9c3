// The way from what was put off to the message it is about.
import type { Message } from "../../protocol";
import { messagePath } from "../marks/place";
import { go } from "../route";

/** Go to a message: in its room, or in its thread. */
export function showMessage(message: Message): void {
  go(messagePath(message));
}
