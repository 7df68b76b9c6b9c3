// What can be told of a poll without drawing it. Pure.
import type { Poll } from "../../protocol";

/** Whether it takes no more votes. */
export function isOver({ closes_at, closed_at }: Poll, now: number): boolean {
  return closed_at !== null || (closes_at !== null && Date.parse(closes_at) <= now);
}

/** What somebody has chosen, by place; null where the poll does not tell. */
export function chosenIn(poll: Poll, user: number): readonly number[] | null {
  if (poll.voters === 0) return [];
  if (poll.anonymous) return null;
  const found = poll.options.flatMap(({ users }, place) => (users.includes(user) ? [place] : []));
  const isWhole = poll.options.every(({ users, votes }) => users.length >= votes);
  return found.length > 0 || isWhole ? found : null;
}

/** What is chosen after a press on an option. */
export function nextChoices(poll: Poll, mine: readonly number[], place: number): number[] {
  if (!poll.multiple) return [place];
  return mine.includes(place)
    ? mine.filter((other) => other !== place)
    : [...mine, place].sort((a, b) => a - b);
}

/** How many of those who have voted have chosen an option, in whole percent. */
export function percentOf(poll: Poll, place: number): number {
  return poll.voters === 0 ? 0 : Math.round((100 * (poll.options[place]?.votes ?? 0)) / poll.voters);
}

/** The options with the most votes; none where nobody has voted. */
export function winnersOf({ options }: Poll): number[] {
  const most = Math.max(...options.map(({ votes }) => votes));
  return most === 0 ? [] : options.flatMap(({ votes }, place) => (votes === most ? [place] : []));
}
