// One message that was found, as a link to its place in its room or thread.
import type { FoundMessage, Piece } from "../../net/actions";
import { state } from "../../store/signals";
import { dayOf, fullOf, timeOf } from "../../text/dates";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import { FileIcon } from "../common/FileIcon";
import { messagePath } from "../marks/place";
import { roomName } from "../names";
import { follow } from "../route";

export function FoundRow({ found }: { found: FoundMessage }) {
  const { message, excerpt, names } = found;
  const room = state.value.rooms.get(message.room);
  return (
    <li>
      <a class="found" href={messagePath(message)} onClick={follow}>
        <Avatar person={message.sender} size={36} />
        <span class="found-main">
          <span class="found-head">
            <bdi class="found-name">{message.sender.name}</bdi>
            <span class="found-where">
              <bdi>{room ? roomName(room, state.value) : ""}</bdi>
              {message.parent === null ? null : ` · ${t("thread.title")}`}
            </span>
            <time class="found-time" dateTime={message.at} title={fullOf(message.at)}>
              {t("date.day_time", { day: dayOf(message.at), time: timeOf(message.at) })}
            </time>
          </span>
          {excerpt.length > 0 ? (
            <span class="found-text" dir="auto">
              <Pieces pieces={excerpt} />
            </span>
          ) : null}
          {names.map((name, index) => (
            <span class="found-file" key={index}>
              <FileIcon name={name.map(({ text }) => text).join("")} />
              <bdi>
                <Pieces pieces={name} />
              </bdi>
            </span>
          ))}
        </span>
      </a>
    </li>
  );
}

function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  return (
    <>{pieces.map((piece, index) => (piece.hit ? <mark key={index}>{piece.text}</mark> : piece.text))}</>
  );
}
