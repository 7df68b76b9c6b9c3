// What the calls of a text would do, said before it is sent: how many are told, who is not, and what stays a word.
import { Megaphone, MegaphoneOff } from "lucide-preact";
import type { RoomCallers } from "../../protocol";
import { t } from "../../text/t";
import type { CallReach } from "./calls";

interface CallNoteProps {
  reaches: readonly CallReach[];
  /** Of the room. */
  rule: RoomCallers;
  isAnswer: boolean;
}

const NAMED_COUNT = 3;

export function CallNote({ reaches, rule, isAnswer }: CallNoteProps) {
  // The room is one, however often it is called.
  const lines = reaches.filter(
    (one, at) => one.kind === "group" || reaches.findIndex(({ kind }) => kind === one.kind) === at,
  );
  return (
    <div role="status">
      {lines.length === 0 ? null : (
        <ul class="call-note">
          {lines.map((one) => {
            const isWord = !one.is_allowed || (isAnswer && one.kind !== "group");
            const Icon = isWord ? MegaphoneOff : Megaphone;
            return (
              <li key={one.name} data-word={isWord || undefined}>
                <Icon size={14} strokeWidth={2} aria-hidden="true" />
                <span>{textOf(one, rule, isAnswer)}</span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

function textOf(one: CallReach, rule: RoomCallers, isAnswer: boolean): string {
  const word = `@${one.name}`;
  if (one.kind !== "group" && isAnswer) return t("calls.not_in_thread", { word });
  if (!one.is_allowed) return t(rule === "nobody" ? "calls.refused_nobody" : "calls.refused", { word });
  const told = t("calls.tells", { word, n: one.people });
  if (one.outside_count === 0) return told;
  const names = one.outside.slice(0, NAMED_COUNT).map(({ name }) => name);
  const more = one.outside_count - names.length;
  const listed = more > 0 ? t("calls.and_more", { names: names.join(", "), n: more }) : names.join(", ");
  return `${told} ${t("calls.outside", { names: listed, n: one.outside_count })}`;
}
