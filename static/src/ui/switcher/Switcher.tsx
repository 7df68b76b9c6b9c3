// Ctrl or Cmd and K: some letters of a room, a person, a command or of what was said, and Enter goes there.
import { Search } from "lucide-preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { FoundMessage } from "../../net/actions";
import type { User } from "../../protocol";
import { roomList, state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { commandsNow, type PageCommand } from "../commands";
import { Dialog } from "../common/Dialog";
import { tell } from "../common/toasts";
import { closeDialog } from "../dialogs";
import { isComposing } from "../keys";
import { messagePath } from "../marks/place";
import { peersOf, roomName } from "../names";
import { recentRooms } from "../remembered";
import { go, roomPath, route, searchPath } from "../route";
import { me } from "../selectors";
import { useMessages, usePeople } from "./answers";
import { TargetWords } from "./TargetWords";
import { type Group, groupsOf, type Target } from "./targets";
import "../../styles/switcher.css";

export type Goal = Target<PageCommand, FoundMessage>;

export function Switcher() {
  const actions = useActions();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState<string | null>(null);
  const [recent] = useState(() => recentRooms(me.peek().id));
  const groups = groupsFor(query, usePeople(query), useMessages(query), recent);
  const goals = groups.flatMap(({ targets }) => targets);
  // By its key: what comes from the server later does not move what was chosen.
  const found = goals.findIndex(({ key }) => key === active);
  const at = Math.max(found, 0);

  useLayoutEffect(() => {
    const chosen = list.current?.querySelector("[aria-selected=true]");
    // The heading of the first one is seen too.
    if (at === 0 && list.current) list.current.scrollTop = 0;
    else chosen?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const choose = (goal: Goal | undefined): void => {
    if (!goal) return;
    closeDialog();
    if (goal.kind === "room") go(roomPath(goal.room.state.id));
    else if (goal.kind === "message") go(messagePath(goal.found.message));
    else if (goal.kind === "search") go(searchPath({ q: goal.query }));
    else if (goal.kind === "command") goal.command.run(actions);
    else void tell(actions.openDirect([goal.user.id]).then((room) => go(roomPath(room))));
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && goals.length > 0)
      setActive(goals[(at + step + goals.length) % goals.length]?.key ?? null);
    else if (event.key === "Enter") choose(goals[at]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t("sidebar.find")} onClose={closeDialog} bare>
      <div class="switcher">
        <Search size={18} strokeWidth={1.75} aria-hidden="true" />
        <input
          class="switcher-text"
          type="text"
          role="combobox"
          aria-label={t("sidebar.find")}
          aria-expanded={goals.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={goals.length > 0 ? `${id}-${at}` : undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder={t("switcher.placeholder")}
          value={query}
          data-autofocus
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setActive(null);
          }}
          onKeyDown={press}
        />
      </div>
      <div ref={list} class="switcher-list" role="listbox" id={`${id}-list`} aria-label={t("switcher.found")}>
        {groups.map(({ heading, targets }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a list of options.
          <div key={heading} role="group" aria-labelledby={`${id}-${heading}`}>
            <div class="switcher-heading" id={`${id}-${heading}`} role="presentation">
              {t(`switcher.${heading}`)}
            </div>
            {targets.map((goal) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field keeps the focus and has the keys.
              // biome-ignore lint/a11y/useFocusableInteractive: named by aria-activedescendant instead.
              <div
                key={goal.key}
                id={`${id}-${goals.indexOf(goal)}`}
                class="switcher-option"
                role="option"
                aria-selected={goal === goals[at]}
                onPointerDown={(event) => event.preventDefault()}
                onPointerMove={() => setActive(goal.key)}
                onClick={() => choose(goal)}
              >
                <TargetWords goal={goal} />
              </div>
            ))}
          </div>
        ))}
      </div>
      {goals.length === 0 ? <p class="switcher-none">{t("switcher.none")}</p> : null}
      <p class="switcher-foot" aria-hidden="true">
        {(["rooms", "people", "commands"] as const).map((scope, index) => (
          <span key={scope}>
            <kbd>{"#@>"[index]}</kbd> {t(`switcher.only_${scope}`)}
          </span>
        ))}
      </p>
    </Dialog>
  );
}

function groupsFor(
  query: string,
  people: readonly User[],
  messages: readonly FoundMessage[],
  recent: readonly number[],
): Group<PageCommand, FoundMessage>[] {
  const now = state.value;
  const known = new Map(
    [...now.users.values(), ...people].map((user) => [user.id, now.users.get(user.id) ?? user]),
  );
  return groupsOf({
    query,
    recent,
    messages,
    rooms: roomList.value.filter((room) => room.state.role !== null),
    people: [...known.values()].filter((user) => user.id !== me.value.id),
    commands: commandsNow(),
    current: route.value.place === "room" ? route.value.room : null,
    roomWords: (room) => [roomName(room, now), ...peersOf(room, now).map(({ handle }) => handle)],
    commandWords: ({ text, words }) => [t(text), ...(words ? t(words).split(" ") : [])],
    commandKey: (command) => command.id,
    messageKey: ({ message }) => message.id,
  });
}
