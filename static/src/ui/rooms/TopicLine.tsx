// The topic of a room in one line: a press opens it whole; who runs the room writes it here.
import { Pencil } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { IconButton } from "../common/IconButton";
import { tell } from "../common/toasts";
import { isComposing } from "../keys";
import { me, rightsOf } from "../selectors";

/** Must be keyed by its room. */
export function TopicLine({ room }: { room: Room }) {
  const actions = useActions();
  const { id, topic } = room.state;
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const line = useRef<HTMLDivElement>(null);
  const mayEdit = rightsOf(room.state, me.value.role).run && !room.state.archived;

  const close = (): void => {
    setText(null);
    // The field that had the focus goes; what opened it has it again.
    requestAnimationFrame(() => line.current?.querySelector<HTMLElement>(".topic-edit, .topic-add")?.focus());
  };
  const save = async (): Promise<void> => {
    const next = (text ?? "").trim();
    if (next === topic || (await tell(actions.updateRoom(id, { topic: next })))) close();
  };

  if (text !== null) {
    return (
      <div class="topic-line" ref={line}>
        <input
          class="input topic-input"
          type="text"
          dir="auto"
          autocomplete="off"
          aria-label={t("rooms.topic")}
          placeholder={t("fields.topic_hint")}
          maxLength={LIMITS.TOPIC_MAX_CHARS}
          value={text}
          ref={(field) => {
            if (field && document.activeElement !== field && !field.dataset.met) {
              field.dataset.met = "";
              field.focus();
              field.select();
            }
          }}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (isComposing(event)) return;
            if (event.key === "Enter") void save();
            else if (event.key === "Escape") close();
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
          onBlur={() => void save()}
        />
      </div>
    );
  }
  return (
    <div class="topic-line" ref={line}>
      {topic ? (
        <button
          type="button"
          class="room-topic"
          aria-expanded={isOpen}
          title={isOpen ? undefined : topic}
          onClick={() => setOpen(!isOpen)}
        >
          <bdi>{topic}</bdi>
        </button>
      ) : null}
      {mayEdit && topic ? (
        <IconButton
          icon={Pencil}
          small
          class="topic-edit"
          label={t("rooms.topic_edit")}
          onClick={() => setText(topic)}
        />
      ) : null}
      {mayEdit && !topic ? (
        <button type="button" class="room-topic topic-add" onClick={() => setText("")}>
          {t("rooms.topic_add")}
        </button>
      ) : null}
    </div>
  );
}
