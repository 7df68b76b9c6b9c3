// The way from what was put off to the message it is about.
import type { Message } from "../../protocol";
import { go, roomPath } from "../route";

/** Go to a message: in its room, or in its thread. */
export function showMessage(message: Message): void {
  const { room, parent, seq } = message;
  go(parent === null ? `${roomPath(room)}?seq=${seq}` : roomPath(room, { kind: "thread", message: parent }));
}
