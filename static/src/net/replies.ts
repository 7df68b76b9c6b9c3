// Who waits for which reply: ref -> what to call, until when, and what is not sent yet.
import type { Reply } from "../protocol";
import { type ActionError, errorOf, unreachable } from "./error";

export interface Answered {
  resolve(result: unknown): void;
  reject(error: ActionError): void;
}

interface Waiting extends Answered {
  until: number;
  /** The frame, while no connection could take it. */
  unsent: string | null;
}

export class Replies {
  private readonly waiting = new Map<number, Waiting>();

  get count(): number {
    return this.waiting.size;
  }

  /** When the first of them will have waited too long; null when nobody waits. */
  get nextUntil(): number | null {
    // All wait equally long, so the first in is the first to give up.
    return this.waiting.values().next().value?.until ?? null;
  }

  expect(ref: number, answered: Answered, until: number, unsent: string | null): void {
    this.waiting.set(ref, { resolve: answered.resolve, reject: answered.reject, until, unsent });
  }

  /** Hand over the frames that waited for a connection, in order. */
  takeUnsent(): string[] {
    const texts: string[] = [];
    for (const item of this.waiting.values()) {
      if (item.unsent !== null) texts.push(item.unsent);
      item.unsent = null;
    }
    return texts;
  }

  settle(reply: Reply): void {
    const ref = Number(reply.ref);
    const found = this.waiting.get(ref);
    if (!found) return;
    this.waiting.delete(ref);
    if (reply.ok) found.resolve(reply.result);
    else found.reject(errorOf(reply.error));
  }

  /** The connection is gone, and with it the answers to what was sent. */
  failSent(): void {
    this.fail((item) => item.unsent === null);
  }

  /** Nobody will answer any more, not even what was never sent. */
  failAll(): void {
    this.fail(() => true);
  }

  /** Give up those who waited too long; tells how many had been sent. */
  failExpired(now: number): number {
    return this.fail((item) => item.until <= now);
  }

  private fail(isHit: (item: Waiting) => boolean): number {
    let sentCount = 0;
    for (const [ref, item] of [...this.waiting]) {
      if (!isHit(item)) continue;
      this.waiting.delete(ref);
      if (item.unsent === null) sentCount++;
      item.reject(unreachable());
    }
    return sentCount;
  }
}
