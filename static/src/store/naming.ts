// Whom a message names or calls. Pure: the same rule as the server's.
import type { Message } from "../protocol";

type Naming = Pick<Message, "mentions" | "calls" | "sender">;

/** Whether a message of somebody else calls me, by @here, @room or a group. */
export function callsMe({ calls, sender }: Pick<Message, "calls" | "sender">, me: number): boolean {
  if (!calls || sender.id === me) return false;
  return calls.some(({ kind, users }) => kind === "room" || users.includes(me));
}

/** Whether a message has my name in it or calls me. */
export function namesMe(message: Naming, me: number): boolean {
  return message.mentions.includes(me) || callsMe(message, me);
}
