// Ctrl or Cmd and K: type some letters of a room or a person, Enter goes there.
import { Hash, Lock, Search, TextSearch, UsersRound } from "lucide-preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { User } from "../../protocol";
import { roomList, state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { closeDialog } from "../dialogs";
import { isComposing } from "../keys";
import { search } from "../match";
import { peersOf, roomName } from "../names";
import { go, roomPath, searchPath } from "../route";
import { me } from "../selectors";
import { Avatar } from "./Avatar";
import { Dialog } from "./Dialog";
import { tell } from "./toasts";
import "../../styles/switcher.css";

type Target =
  | { key: string; room: Room; user: null }
  | { key: string; room: null; user: User }
  | { key: "search"; room: null; user: null; query: string };

const SHOWN_MAX_COUNT = 12;
const PAUSE_MS = 160;

export function Switcher() {
  const actions = useActions();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const [found, setFound] = useState<readonly User[]>([]);

  useEffect(() => {
    let isGone = false;
    const ask = (): void => {
      // Rooms are here anyway; without the server only new people are missing.
      actions.people(query).then(
        (people) => {
          if (!isGone) setFound(people);
        },
        () => undefined,
      );
    };
    const timer = setTimeout(ask, PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [query]);

  const targets = targetsFor(query, found);
  const at = Math.min(active, targets.length - 1);

  useLayoutEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const choose = (target: Target | undefined): void => {
    if (!target) return;
    closeDialog();
    if (target.room) go(roomPath(target.room.state.id));
    else if (!target.user) go(searchPath({ q: target.query }));
    else void tell(actions.openDirect([target.user.id]).then((room) => go(roomPath(room))));
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && targets.length > 0) setActive((at + step + targets.length) % targets.length);
    else if (event.key === "Enter") choose(targets[at]);
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
          aria-expanded={targets.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={targets.length > 0 ? `${id}-${at}` : undefined}
          autocomplete="off"
          placeholder={t("sidebar.find")}
          value={query}
          data-autofocus
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={press}
        />
      </div>
      <div ref={list} class="switcher-list" role="listbox" id={`${id}-list`} aria-label={t("switcher.found")}>
        {targets.map((target, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field keeps the focus and has the keys.
          // biome-ignore lint/a11y/useFocusableInteractive: named by aria-activedescendant instead.
          <div
            key={target.key}
            id={`${id}-${index}`}
            class="switcher-option"
            role="option"
            aria-selected={index === at}
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(target)}
          >
            <TargetWords target={target} />
          </div>
        ))}
      </div>
      {targets.length === 0 ? <p class="switcher-none">{t("switcher.none")}</p> : null}
    </Dialog>
  );
}

function TargetWords({ target }: { target: Target }) {
  if (!target.room && !target.user) {
    return (
      <>
        <span class="room-link-sign">
          <TextSearch size={17} strokeWidth={2} aria-hidden="true" />
        </span>
        <span class="switcher-search">{t("switcher.search", { query: target.query })}</span>
      </>
    );
  }
  if (!target.room) {
    return (
      <>
        <Avatar person={target.user} size={24} status={target.user.status} />
        <bdi class="mention-name">{target.user.name}</bdi>
        <span class="mention-handle">@{target.user.handle}</span>
      </>
    );
  }
  const { kind, unread } = target.room.state;
  const peers = peersOf(target.room, state.value);
  const only = peers.length === 1 && kind === "direct" ? peers[0] : undefined;
  const Sign = kind === "direct" ? UsersRound : kind === "closed" ? Lock : Hash;
  return (
    <>
      {only ? (
        <Avatar person={only} size={24} status={only.status} />
      ) : (
        <span class="room-link-sign">
          <Sign size={17} strokeWidth={2} aria-hidden="true" />
        </span>
      )}
      <bdi class="mention-name">{roomName(target.room, state.value)}</bdi>
      <span class="mention-handle">{only ? `@${only.handle}` : ""}</span>
      {unread > 0 ? <span class="unread-count">{unread > 99 ? "99+" : unread}</span> : null}
    </>
  );
}

function targetsFor(query: string, found: readonly User[]): Target[] {
  const now = state.value;
  const mine = roomList.value.filter((room) => room.state.role !== null);
  // With nothing typed, what waits for me comes first.
  const ordered = query ? mine : [...mine].sort((a, b) => weight(b) - weight(a));
  const rooms = search(ordered, query, (room) => [
    roomName(room, now),
    ...peersOf(room, now).map(({ handle }) => handle),
  ]);
  const alone = new Set(mine.filter(isPair).map(({ state: { peers } }) => peers[0]));
  const known = new Map(
    [...now.users.values(), ...found].map((user) => [user.id, now.users.get(user.id) ?? user]),
  );
  const others = [...known.values()].filter((user) => user.id !== me.value.id && !alone.has(user.id));
  const people = search(others, query, (user) => [user.name, user.handle]);
  const places = [
    ...rooms.map((room): Target => ({ key: `r${room.state.id}`, room, user: null })),
    ...people.map((user): Target => ({ key: `u${user.id}`, room: null, user })),
  ].slice(0, SHOWN_MAX_COUNT);
  const said = query.trim();
  return said ? [...places, { key: "search", room: null, user: null, query: said }] : places;
}

function isPair(room: Room): boolean {
  return room.state.kind === "direct" && room.state.peers.length === 1;
}

function weight(room: Room): number {
  return (room.state.mentions > 0 ? 2 : 0) + (room.state.unread > 0 ? 1 : 0);
}
