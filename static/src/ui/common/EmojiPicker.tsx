// The emoji picker: five quick ones at once, the whole set as soon as its code and data are here.
import { Plus } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ownEmoji } from "../../store/own_emoji";
import { language, t } from "../../text/t";
import { useConfig } from "../actions";
import { dialog } from "../dialogs";
import { Popover } from "./Popover";
import { Failed } from "./States";
import "../../styles/emoji-picker.css";

export const QUICK_EMOJI = ["👍", "❤️", "😂", "🎉", "👀"] as const;

interface EmojiPickerProps {
  anchor: HTMLElement;
  onPick: (emoji: string) => void;
  onClose: () => void;
  /** In a dialog there is no way to another one. */
  mayAdd?: boolean;
}

export function EmojiPicker({ anchor, onPick, onClose, mayAdd = true }: EmojiPickerProps) {
  const ref = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const [trial, setTrial] = useState(0);
  const [isFailed, setFailed] = useState(false);
  const { makesEmoji } = useConfig().settings;

  useEffect(() => {
    const place = ref.current;
    let isGone = false;
    setFailed(false);
    import("./emojiSet")
      .then(async ({ createPicker, plainly }) => ({
        picker: await createPicker(language(), ownEmoji.peek()),
        plainly,
      }))
      .then(({ picker, plainly }) => {
        if (isGone || !place) return;
        picker.addEventListener("emoji-click", ({ detail: { unicode, name } }) => {
          if (unicode) pick.current(plainly(unicode));
          else if (name) pick.current(`:${name}:`);
        });
        place.replaceChildren(picker);
        // The search field stands in the shadow of the element and appears a moment later.
        requestAnimationFrame(() => picker.shadowRoot?.querySelector<HTMLElement>("input")?.focus());
      })
      .catch(() => {
        if (!isGone) setFailed(true);
      });
    return () => {
      isGone = true;
    };
  }, [trial]);

  return (
    <Popover anchor={anchor} align="end" onClose={onClose} label={t("emoji.label")} class="emoji-popover">
      <div class="emoji-quick">
        {QUICK_EMOJI.map((emoji) => (
          <button key={emoji} type="button" class="emoji-quick-one" onClick={() => onPick(emoji)}>
            {emoji}
          </button>
        ))}
      </div>
      <div class="emoji-place" ref={ref} />
      {makesEmoji && mayAdd ? (
        <button
          type="button"
          class="emoji-add"
          onClick={() => {
            onClose();
            dialog.value = { kind: "emoji", name: null };
          }}
        >
          <Plus size={16} strokeWidth={2} aria-hidden="true" />
          {t("own_emoji.add")}
        </button>
      ) : null}
      {isFailed ? <Failed text={t("emoji.failed")} onRetry={() => setTrial(trial + 1)} /> : null}
    </Popover>
  );
}
