// A face: a picture, or the letters of the name on a colour that stays with the person.
import type { PresenceStatus } from "../../protocol";
import { t } from "../../text/t";
import { colourOf, initialsOf } from "../names";
import "../../styles/avatar.css";

interface Person {
  id: number;
  name: string;
  avatar: string | null;
}

interface AvatarProps {
  person: Person;
  size?: 16 | 20 | 24 | 28 | 36 | 56 | 96;
  status?: PresenceStatus | null;
}

/** The face is decoration: the name always stands beside it. */
export function Avatar({ person, size = 36, status = null }: AvatarProps) {
  // The smallest has room for one.
  const letters = size === 16 ? [...initialsOf(person.name)][0]! : initialsOf(person.name);
  return (
    <span class={`avatar avatar-${size}`} aria-hidden="true">
      {person.avatar ? (
        <img
          class="avatar-face"
          src={size > 36 ? `${person.avatar}?size=large` : person.avatar}
          alt=""
          width={size}
          height={size}
          loading="lazy"
        />
      ) : (
        <span
          class="avatar-face"
          data-colour={colourOf(person.id)}
          data-long={letters.length > 1 || undefined}
        >
          {letters}
        </span>
      )}
      {status && status !== "unknown" ? <span class="presence" data-status={status} /> : null}
    </span>
  );
}

/** Presence as a word, for people who do not see the dot. */
export function statusText(status: PresenceStatus): string {
  if (status === "online") return t("presence.online");
  return status === "away" ? t("presence.away") : t("presence.offline");
}
