// The small bar that puts Markdown on what is selected; the keys of it work without the bar too.
import {
  Bold,
  Code,
  EyeOff,
  Italic,
  Link,
  List,
  ListOrdered,
  SquareCode,
  Strikethrough,
  TextQuote,
} from "lucide-preact";
import { t } from "../../text/t";
import { IconButton } from "../common/IconButton";
import { isApple } from "../keys";
import type { Format } from "./formatting";
import "../../styles/format-bar.css";

const FORMATS = [
  ["bold", Bold, "B"],
  ["italic", Italic, "I"],
  ["strike", Strikethrough, "⇧X"],
  ["link", Link, "⇧U"],
  ["list", List, "⇧8"],
  ["numbers", ListOrdered, "⇧7"],
  ["quote", TextQuote, "⇧9"],
  ["code", Code, "E"],
  ["block", SquareCode, ""],
  ["spoiler", EyeOff, ""],
] as const;

export function FormatBar({ onFormat }: { onFormat: (kind: Format) => void }) {
  return (
    <div
      class="format-bar"
      role="toolbar"
      aria-label={t("format.label")}
      // The selection stays in the text.
      onMouseDown={(event) => event.preventDefault()}
    >
      {FORMATS.map(([kind, icon, key]) => (
        <IconButton
          key={kind}
          small
          icon={icon}
          label={t(`format.${kind}`)}
          {...(key ? { keys: spelled(key) } : {})}
          onClick={() => onFormat(kind)}
        />
      ))}
    </div>
  );
}

function spelled(key: string): string {
  return isApple() ? `⌘${key}` : `Ctrl+${key.replace("⇧", "Shift+")}`;
}
