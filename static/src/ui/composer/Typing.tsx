// Who types, in a line that is always there, so that nothing moves.
import type { ComponentChildren } from "preact";
import { state, typingIn } from "../../store/signals";
import { t } from "../../text/t";
import { nameList, userName } from "../names";
import { me, users } from "../selectors";

const NAMES_MAX_COUNT = 2;

interface TypingProps {
  room: number;
  /** Said at the end of the line. */
  children?: ComponentChildren;
}

export function Typing({ room, children }: TypingProps) {
  void users.value;
  const mine = me.value.id;
  const names = typingIn(room)
    .filter((id) => id !== mine)
    .map((id) => userName(id, state.peek()));
  return (
    <p class="composer-under">
      {names.length > 0 ? (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="typing-names">
            {t("typing.names", { n: names.length, names: nameList(names, NAMES_MAX_COUNT) })}
          </span>
        </>
      ) : null}
      {children}
    </p>
  );
}
