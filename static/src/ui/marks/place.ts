// Where a message is found: the address that is copied, and that shows it in its place.
import type { Message } from "../../protocol";
import { roomPath } from "../route";

/** The address of a message: its room or its thread, with the message in sight. */
export function messagePath({ room, parent, seq }: Pick<Message, "room" | "parent" | "seq">): string {
  if (parent === null) return `${roomPath(room)}?seq=${seq}`;
  return `${roomPath(room, { kind: "thread", message: parent })}&seq=${seq}`;
}
