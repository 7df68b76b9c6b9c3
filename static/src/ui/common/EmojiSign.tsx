// An emoji as it is chosen: one of Unicode's as it is, one of the workspace's own as its picture, and one that is gone by name.
import { ownEmojiOf } from "../../store/own_emoji";

export function EmojiSign({ emoji }: { emoji: string }) {
  const own = ownEmojiOf(emoji);
  if (!own) return <>{emoji}</>;
  return (
    <img
      class="emoji-image"
      src={own.url}
      alt={emoji}
      width={own.width}
      height={own.height}
      draggable={false}
    />
  );
}
