// A poll below its question: what can be chosen, what others have, and when it ends. To choose is to vote.
import { Check } from "lucide-preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Message, Poll } from "../../protocol";
import { state } from "../../store/signals";
import { dueOf, fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { tell } from "../common/toasts";
import { dialog } from "../dialogs";
import { nameList, userName } from "../names";
import { me } from "../selectors";
import type { MessageRights } from "../timeline/rights";
import { chosenIn, isOver, nextChoices, percentOf, winnersOf } from "./polls";
import "../../styles/poll.css";

interface PollCardProps {
  message: Message;
  poll: Poll;
  rights: MessageRights;
}

/** The longest time that a timer of the browser can wait. */
const WAIT_MOST_MS = 2 ** 31 - 1;
const NAMES_MAX_COUNT = 12;

export function PollCard({ message, poll, rights }: PollCardProps) {
  const actions = useActions();
  const name = useId();
  // What was pressed shows at once, until the server has said what holds.
  const [wanted, setWanted] = useState<readonly number[] | null>(null);
  const asked = useRef(0);
  const isClosed = useIsOver(poll);
  const held = state.value.votes.get(message.id) ?? chosenIn(poll, me.value.id);
  const mine = wanted ?? held;
  const isSynced = state.value.synced;
  const mayVote = rights.react && !isClosed;
  const winners = isClosed ? winnersOf(poll) : [];

  useEffect(() => {
    // Whoever is told nobody's votes, or not all of them, has to ask for one's own.
    if (held === null && isSynced) actions.readVote(message.id).catch(() => undefined);
  }, [held === null, isSynced, message.id]);

  const choose = (choices: readonly number[]): void => {
    asked.current += 1;
    const number = asked.current;
    setWanted(choices);
    void tell(actions.vote(message.id, choices)).finally(() => {
      // One that was pressed since waits for its own answer.
      if (asked.current === number) setWanted(null);
    });
  };

  return (
    <fieldset class="poll" data-closed={isClosed || undefined}>
      <legend class="unseen">{t("poll.label")}</legend>
      <ul class="poll-options">
        {poll.options.map((option, place) => {
          const isMine = mine?.includes(place) ?? false;
          const percent = percentOf(poll, place);
          const names = option.users.slice(0, NAMES_MAX_COUNT).map((user) => userName(user, state.value));
          const more = option.votes - names.length;
          const voters = more > 0 && names.length > 0 ? [...names, t("people.others", { n: more })] : names;
          return (
            <li key={place}>
              <label
                class="poll-option"
                data-mine={isMine || undefined}
                data-winner={winners.includes(place) || undefined}
                title={voters.length > 0 ? nameList(voters, voters.length) : undefined}
              >
                <span class="poll-bar" style={{ inlineSize: `${percent}%` }} aria-hidden="true" />
                <input
                  type={poll.multiple ? "checkbox" : "radio"}
                  name={name}
                  checked={isMine}
                  disabled={!mayVote}
                  onChange={() => choose(nextChoices(poll, mine ?? [], place))}
                />
                <span class="poll-text" dir="auto">
                  {option.text}
                </span>
                {isMine && isClosed ? <Check size={15} strokeWidth={2.5} aria-hidden="true" /> : null}
                <span class="poll-count">
                  <span aria-hidden="true">
                    {option.votes} · {percent}%
                  </span>
                  <span class="unseen">, {t("poll.votes", { n: option.votes })}</span>
                </span>
              </label>
            </li>
          );
        })}
      </ul>
      <p class="poll-foot">
        <span>{t("poll.voters", { n: poll.voters })}</span>
        {poll.multiple ? <span>{t("poll.multiple_short")}</span> : null}
        {poll.anonymous ? <span>{t("poll.anonymous_short")}</span> : null}
        {isClosed ? (
          <strong>{t("poll.closed")}</strong>
        ) : poll.closes_at ? (
          <time dateTime={poll.closes_at} title={fullOf(poll.closes_at)}>
            {t("poll.closes", { time: dueOf(poll.closes_at) })}
          </time>
        ) : null}
        {mayVote && mine !== null && mine.length > 0 ? (
          <button type="button" class="poll-button" onClick={() => choose([])}>
            {t("poll.take_back")}
          </button>
        ) : null}
        {!isClosed && rights.remove ? (
          <button
            type="button"
            class="poll-button"
            onClick={() => {
              dialog.value = { kind: "close_poll", message: message.id };
            }}
          >
            {t("poll.close")}
          </button>
        ) : null}
      </p>
    </fieldset>
  );
}

/** Whether it takes no more votes; drawn anew at the moment in which its time is over. */
function useIsOver(poll: Poll): boolean {
  const [now, setNow] = useState(() => Date.now());
  const { closes_at, closed_at } = poll;
  useEffect(() => {
    if (closed_at !== null || closes_at === null) return undefined;
    const leftMs = Date.parse(closes_at) - Date.now();
    if (leftMs < 0) return undefined;
    const timer = setTimeout(() => setNow(Date.now()), Math.min(leftMs + 1, WAIT_MOST_MS));
    return () => clearTimeout(timer);
  }, [closes_at, closed_at, now]);
  return isOver(poll, Math.max(now, Date.now()));
}
