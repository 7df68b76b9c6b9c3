// The emoji picker: five quick ones at once, the whole set as soon as its code and data are here.
import { useEffect, useRef, useState } from "preact/hooks";
import { language, t } from "../../text/t";
import { Popover } from "./Popover";
import { Failed } from "./States";
import "../../styles/emoji-picker.css";

export const QUICK_EMOJI = ["👍", "❤️", "😂", "🎉", "👀"] as const;

interface EmojiPickerProps {
  anchor: HTMLElement;
  onPick: (emoji: string) => void;
  onClose: () => void;
}

export function EmojiPicker({ anchor, onPick, onClose }: EmojiPickerProps) {
  const ref = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const [trial, setTrial] = useState(0);
  const [isFailed, setFailed] = useState(false);

  useEffect(() => {
    const place = ref.current;
    let isGone = false;
    setFailed(false);
    import("./emojiSet")
      .then(({ createPicker }) => createPicker(language()))
      .then((picker) => {
        if (isGone || !place) return;
        picker.addEventListener("emoji-click", (event) => {
          const { unicode } = event.detail;
          if (unicode) pick.current(unicode);
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
      {isFailed ? <Failed text={t("emoji.failed")} onRetry={() => setTrial(trial + 1)} /> : null}
    </Popover>
  );
}
