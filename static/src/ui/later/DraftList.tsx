// What I have begun to write and not sent, on whichever device; nothing is drawn where there is nothing.
import { Pencil, Trash2 } from "lucide-preact";
import { useId } from "preact/hooks";
import { drafts, placeOfDraft } from "../../store/drafts";
import { state } from "../../store/signals";
import { dueOf, fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { roomName } from "../names";
import { follow, go, roomPath } from "../route";

export function DraftList() {
  const actions = useActions();
  const headId = useId();
  const { rooms } = state.value;
  const found = [...drafts.value]
    .filter(([, { text }]) => text.trim() !== "")
    .sort(([, a], [, b]) => b.at - a.at)
    .flatMap(([place, draft]) => {
      const where = placeOfDraft(place);
      const room = where ? rooms.get(where.room) : undefined;
      return where && room ? [{ place, draft, where, room }] : [];
    });
  if (found.length === 0) return null;
  return (
    <section class="later-section" aria-labelledby={headId} data-list="drafts">
      <header class="later-head">
        <h2 id={headId} tabIndex={-1}>
          {t("drafts.heading")}
        </h2>
      </header>
      <ul class="later-list">
        {found.map(({ place, draft, where, room }) => {
          const name = roomName(room, state.value);
          const path = roomPath(
            where.room,
            where.parent === null ? null : { kind: "thread", message: where.parent },
          );
          const at = new Date(draft.at || Date.now()).toISOString();
          return (
            <li class="later-row" key={place} data-draft={place}>
              <span class="later-sign">
                <Pencil size={18} strokeWidth={2} aria-hidden="true" />
              </span>
              <div class="later-main">
                <p class="later-where">
                  <a href={path} onClick={follow}>
                    <bdi>{name}</bdi>
                  </a>
                  {where.parent === null ? null : <span> · {t("scheduled.in_thread")}</span>}
                </p>
                <p class="later-text" dir="auto">
                  {draft.text}
                </p>
                <p class="later-meta">
                  <time dateTime={at} title={fullOf(at)}>
                    {dueOf(at)}
                  </time>
                </p>
              </div>
              <div class="later-tools">
                <Button small onClick={() => go(path)}>
                  {t("drafts.open")}
                </Button>
                <IconButton
                  icon={Trash2}
                  small
                  label={t("drafts.discard", { name })}
                  onClick={() => actions.keepDraft(place, "")}
                />
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
