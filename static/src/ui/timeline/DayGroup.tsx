// One day of a room: its line, and what was said on it.
import { dayOf } from "../../text/dates";
import { t } from "../../text/t";
import type { Rights } from "../selectors";
import type { Day } from "./days";
import { MessageRow } from "./MessageRow";
import { PendingRow } from "./PendingRow";
import type { Repliers } from "./ThreadSummary";

interface DayGroupProps {
  day: Day;
  rights: Rights;
  /** The seq of the message that a link has led to. */
  flashed: number | null;
  repliers: ReadonlyMap<number, Repliers>;
  /** Who has read up to which message and no further, by its id; null where that is not shown. */
  seen?: ReadonlyMap<number, readonly number[]> | null;
  tabStop: string | null;
  isInThread?: boolean;
}

export function DayGroup(props: DayGroupProps) {
  const { day, rights, flashed, repliers, seen = null, tabStop, isInThread = false } = props;
  const Heading = isInThread ? "p" : "h2";
  return (
    <section class="day">
      {day.at === null ? null : (
        <Heading class="day-line">
          <span>{dayOf(day.at)}</span>
        </Heading>
      )}
      {day.items.map((item) => {
        if (item.kind === "message") {
          return (
            <MessageRow
              key={item.key}
              message={item.message}
              isHead={item.isHead}
              rights={rights}
              isTabStop={item.key === tabStop}
              isFlashed={item.message.seq === flashed}
              repliers={repliers.get(item.message.id)}
              readers={seen?.get(item.message.id)}
              isInThread={isInThread}
            />
          );
        }
        if (item.kind === "pending")
          return <PendingRow key={item.key} pending={item.pending} isHead={item.isHead} />;
        return (
          <p key={item.key} class={item.kind === "new" ? "new-line" : "gap-line"} data-key={item.key}>
            <span>{item.kind === "new" ? t("timeline.new") : t("timeline.gap")}</span>
          </p>
        );
      })}
    </section>
  );
}
