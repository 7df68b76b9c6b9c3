// Pass messages on to rooms and people, with a word of one's own; each place answers for itself.
import { Check, CircleAlert, Hash, LoaderCircle, Lock, UsersRound } from "lucide-preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { newClientId } from "../../net/actions";
import { LIMITS, type Message, type User } from "../../protocol";
import { roomList, state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { saidIn } from "../common/file";
import { toast } from "../common/toasts";
import { lengthOf } from "../composer/length";
import { closeDialog } from "../dialogs";
import { errorText } from "../errors";
import { search } from "../match";
import { peersOf, roomName } from "../names";
import { me, rightsOf } from "../selectors";
import { endSelection } from "./selection";
import "../../styles/marks.css";

const PLACES_MAX_COUNT = 10;
const SHOWN_COUNT = 40;
const WORDS_MAX_CHARS = 160;
const PAUSE_MS = 160;

/** A room of mine, or somebody with whom a conversation is opened on the way. */
type Place = { key: string; name: string; room: Room | null; user: User | null };
type Fate = "going" | "gone" | { reason: string };

export function ForwardDialog({ messages }: { messages: readonly Message[] }) {
  const actions = useActions();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<readonly Place[]>([]);
  const [words, setWords] = useState("");
  const [people, setPeople] = useState<readonly User[]>([]);
  const [fates, setFates] = useState<ReadonlyMap<string, Fate>>(new Map());
  // One for all tries of a message in a place: what is sent twice is there once.
  const [ids] = useState(() => new Map<string, string>());
  const isBusy = [...fates.values()].includes("going");
  const isTooLong = lengthOf(words) > LIMITS.BODY_MAX_CHARS;
  const left = chosen.filter(({ key }) => fates.get(key) !== "gone");

  useEffect(() => {
    let isOver = false;
    const timer = setTimeout(() => {
      // Without it rooms can be chosen still.
      actions.people(query).then(
        (found) => {
          if (!isOver) setPeople(found);
        },
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [query]);

  const places = useMemo(() => placesOf(people), [people, roomList.value]);
  const shown = search(places, query, ({ name, user }) => (user ? [name, user.handle] : [name])).slice(
    0,
    SHOWN_COUNT,
  );
  const toggle = (place: Place): void => {
    const has = chosen.some(({ key }) => key === place.key);
    if (has) setChosen(chosen.filter(({ key }) => key !== place.key));
    else if (chosen.length < PLACES_MAX_COUNT) setChosen([...chosen, place]);
  };
  const idOf = (key: string): string => {
    const id = ids.get(key) ?? newClientId();
    ids.set(key, id);
    return id;
  };
  const set = (key: string, fate: Fate): void => setFates((before) => new Map(before).set(key, fate));
  const sendTo = async (place: Place): Promise<boolean> => {
    set(place.key, "going");
    try {
      const room = place.room?.state.id ?? (await actions.openDirect([place.user!.id]));
      for (const [at, message] of messages.entries()) {
        const body = at === 0 ? words.trim() : "";
        const clientMessageId = idOf(`${place.key} ${message.id} ${body}`);
        await actions.forward({ room, message: message.id, body, clientMessageId });
      }
      set(place.key, "gone");
      return true;
    } catch (error) {
      set(place.key, { reason: errorText(error) });
      return false;
    }
  };
  const send = async (): Promise<void> => {
    if (isBusy || isTooLong || left.length === 0) return;
    const done = await Promise.all(left.map(sendTo));
    if (done.includes(false)) return;
    toast(t("forward.done", { n: chosen.length }));
    endSelection();
    closeDialog();
  };

  return (
    <Dialog
      title={t("forward.title", { n: messages.length })}
      onClose={closeDialog}
      onSubmit={() => void send()}
      footer={
        <>
          <span class="forward-count" role="status">
            {chosen.length > 0 ? t("forward.chosen", { n: chosen.length }) : ""}
          </span>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy} disabled={left.length === 0 || isTooLong}>
            {t("forward.submit")}
          </Button>
        </>
      }
    >
      <label class="field">
        <span class="field-label">{t("forward.to")}</span>
        <input
          class="input"
          type="search"
          dir="auto"
          autocomplete="off"
          data-autofocus
          value={query}
          placeholder={t("forward.search")}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            // Enter in the search means the first that was found, not the whole form.
            if (event.key !== "Enter" || event.isComposing || query === "") return;
            event.preventDefault();
            if (shown[0]) toggle(shown[0]);
            setQuery("");
          }}
        />
      </label>
      <ul class="forward-places" aria-label={t("forward.to")}>
        {shown.map((place) => (
          <PlaceRow
            key={place.key}
            place={place}
            isChosen={chosen.some(({ key }) => key === place.key)}
            isFull={chosen.length >= PLACES_MAX_COUNT}
            fate={fates.get(place.key)}
            onToggle={() => toggle(place)}
          />
        ))}
        {shown.length === 0 ? <li class="marks-none">{t("forward.none")}</li> : null}
      </ul>
      <label class="field">
        <span class="field-label">{t("forward.words")}</span>
        <textarea
          class="input forward-words"
          dir="auto"
          rows={2}
          value={words}
          aria-invalid={isTooLong || undefined}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </label>
      <ul class="forward-what" aria-label={t("forward.what")}>
        {messages.slice(0, 3).map((message) => (
          <li key={message.id} class="quote quote-stub" data-here>
            <bdi class="quote-name">{message.sender.name}</bdi>{" "}
            <bdi class="quote-bar-text">{saidIn(message).slice(0, WORDS_MAX_CHARS)}</bdi>
          </li>
        ))}
        {messages.length > 3 ? (
          <li class="marks-none">{t("forward.more", { n: messages.length - 3 })}</li>
        ) : null}
      </ul>
    </Dialog>
  );
}

interface PlaceRowProps {
  place: Place;
  isChosen: boolean;
  isFull: boolean;
  fate: Fate | undefined;
  onToggle: () => void;
}

function PlaceRow({ place, isChosen, isFull, fate, onToggle }: PlaceRowProps) {
  const { room, user, name } = place;
  const peers = room ? peersOf(room, state.value) : [];
  const face = user ?? (peers.length === 1 ? peers[0] : undefined);
  const Sign = room?.state.kind === "direct" ? UsersRound : room?.state.kind === "closed" ? Lock : Hash;
  return (
    <li>
      <label class="forward-place">
        <input
          type="checkbox"
          checked={isChosen}
          disabled={fate === "gone" || fate === "going" || (isFull && !isChosen)}
          onChange={onToggle}
        />
        <span class="room-link-sign">
          {face ? <Avatar person={face} size={24} /> : <Sign size={16} strokeWidth={2} aria-hidden="true" />}
        </span>
        <bdi class="forward-name">{name}</bdi>
        {face ? <span class="mention-handle">@{face.handle}</span> : null}
        <FateSign fate={fate} />
      </label>
      {typeof fate === "object" ? (
        <p class="field-error" role="alert">
          {fate.reason}
        </p>
      ) : null}
    </li>
  );
}

function FateSign({ fate }: { fate: Fate | undefined }) {
  if (fate === undefined) return null;
  const [Sign, text] =
    fate === "going"
      ? [LoaderCircle, t("forward.going")]
      : fate === "gone"
        ? [Check, t("forward.gone")]
        : [CircleAlert, t("forward.failed")];
  return (
    <span class="forward-fate" data-fate={typeof fate === "object" ? "failed" : fate}>
      <Sign size={16} strokeWidth={2} aria-hidden="true" />
      <span class="unseen">{text}</span>
    </span>
  );
}

/** Rooms in which I may write, then people with whom I have no conversation yet. */
function placesOf(people: readonly User[]): Place[] {
  const mine = me.value;
  const rooms = roomList.value.filter((room) => rightsOf(room.state, mine.role).write);
  const known = new Set(
    rooms.flatMap(({ state: { kind, peers } }) => (kind === "direct" && peers.length === 1 ? peers : [])),
  );
  return [
    ...rooms.map((room) => ({
      key: `room ${room.state.id}`,
      name: roomName(room, state.value),
      room,
      user: null,
    })),
    ...people
      .filter(({ id }) => id !== mine.id && !known.has(id))
      .map((user) => ({ key: `user ${user.id}`, name: user.name, room: null, user })),
  ];
}
