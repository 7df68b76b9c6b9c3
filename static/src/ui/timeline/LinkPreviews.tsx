// What stands behind the links of a message: site, title, words and a picture, all as the server cleaned them.
import { X } from "lucide-preact";
import { useState } from "preact/hooks";
import type { Message, Preview } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { IconButton } from "../common/IconButton";
import { tell } from "../common/toasts";
import { hostOf, isWide } from "./preview";
import "../../styles/previews.css";

interface LinkPreviewsProps {
  message: Message;
  mayRemove: boolean;
}

export function LinkPreviews({ message, mayRemove }: LinkPreviewsProps) {
  const shown = message.previews.filter((preview) => hostOf(preview.url) !== null);
  if (shown.length === 0) return null;
  return (
    <ul class="previews" aria-label={t("previews.label")}>
      {shown.map((preview) => (
        <Card key={preview.url} message={message.id} preview={preview} mayRemove={mayRemove} />
      ))}
    </ul>
  );
}

function Card({ message, preview, mayRemove }: { message: number; preview: Preview; mayRemove: boolean }) {
  const actions = useActions();
  const host = hostOf(preview.url) ?? "";
  const title = preview.title || preview.url;
  return (
    <li class="preview" data-wide={isWide(preview) || undefined}>
      <div class="preview-words">
        <p class="preview-site">
          {preview.site && preview.site !== host ? <bdi>{preview.site}</bdi> : null}
          {/* What a page calls itself is not where the link leads. */}
          <bdi class="preview-host">{host}</bdi>
        </p>
        <a
          class="preview-title"
          href={preview.url}
          target="_blank"
          rel="noopener noreferrer nofollow"
          dir="auto"
        >
          {title}
        </a>
        {preview.description ? (
          <p class="preview-description" dir="auto">
            {preview.description}
          </p>
        ) : null}
      </div>
      <Picture preview={preview} />
      {mayRemove ? (
        <IconButton
          icon={X}
          small
          class="preview-remove"
          label={t("previews.remove", { title })}
          onClick={() => void tell(actions.removePreview(message, preview.url))}
        />
      ) : null}
    </li>
  );
}

function Picture({ preview }: { preview: Preview }) {
  const [isBroken, setBroken] = useState(false);
  const { image, image_width: width, image_height: height } = preview;
  if (image === null || isBroken) return null;
  // With its size before it has come, so that nothing moves when it does. It says nothing that the words do not.
  return (
    <img
      class="preview-picture"
      src={image}
      alt=""
      width={width ?? undefined}
      height={height ?? undefined}
      loading="lazy"
      decoding="async"
      onError={() => setBroken(true)}
    />
  );
}
