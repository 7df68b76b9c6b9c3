// The files of a message: pictures in boxes that stand before they have come, players, and cards for the rest.
import { Download, ImageIcon } from "lucide-preact";
import { useState } from "preact/hooks";
import type { Attachment, Message } from "../../protocol";
import { sizeOf } from "../../text/sizes";
import { t } from "../../text/t";
import { FileIcon } from "../common/FileIcon";
import { boxOf, kindOf } from "../common/file";
import { dialog } from "../dialogs";
import { Player } from "../voice/Player";
import { DRAWN_MAX_BYTES, isVoice } from "../voice/sound";
import "../../styles/attachments.css";

export function Attachments({ message }: { message: Message }) {
  const { attachments } = message;
  if (attachments.length === 0) return null;
  const pictures = attachments.filter((one) => kindOf(one) === "picture");
  // Those that are being made are among them: when they come, nothing moves.
  const tiles = attachments.filter(isTile);
  const isGallery = tiles.length > 1;
  const shown = isGallery ? [...tiles, ...attachments.filter((one) => !isTile(one))] : attachments;
  return (
    <ul
      class="attachments"
      data-columns={isGallery ? (tiles.length === 2 || tiles.length === 4 ? 2 : 3) : undefined}
      aria-label={t("files.label")}
    >
      {shown.map((one) => (
        <li key={one.id} class="attachment" data-kind={kindOf(one)} data-tile={isTile(one) || undefined}>
          <Shown
            attachment={one}
            pictures={pictures}
            isTile={isGallery && isTile(one)}
            of={{ room: message.room, message: message.id }}
          />
        </li>
      ))}
    </ul>
  );
}

const PDF = "application/pdf";

const isTile = (one: Attachment): boolean => kindOf(one) === "picture" || kindOf(one) === "coming";

interface ShownProps {
  attachment: Attachment;
  /** One of several pictures, cut to the size of the others. */
  isTile: boolean;
  /** All of the message, to walk through. */
  pictures: readonly Attachment[];
  of: { room: number; message: number };
}

function Shown({ attachment, pictures, isTile: isCut, of }: ShownProps) {
  const [isBroken, setBroken] = useState(false);
  const [isPlain, setPlain] = useState(false);
  const { name, alt, url, thumbnail, width, height } = attachment;
  const kind = isBroken ? "file" : kindOf(attachment);
  const fails = (): void => setBroken(true);
  switch (kind) {
    case "coming":
      return (
        <div
          class="attachment-coming"
          style={isCut ? undefined : styleOf(boxOf(null, null))}
          role="img"
          aria-label={alt || name}
        >
          <ImageIcon size={20} strokeWidth={1.75} aria-hidden="true" />
          <span>{t("files.preparing")}</span>
        </div>
      );
    case "picture":
      return (
        <button
          type="button"
          class="attachment-picture"
          aria-label={t("files.open", { name: alt || name })}
          onClick={() => {
            dialog.value = { kind: "picture", ...of, pictures, at: pictures.indexOf(attachment) };
          }}
        >
          <img
            src={sourceOf(thumbnail ?? "", width, height, isCut)}
            alt={alt}
            {...boxOf(width, height)}
            loading="lazy"
            decoding="async"
            onError={fails}
          />
        </button>
      );
    case "video":
      return (
        <figure class="attachment-film">
          {/* biome-ignore lint/a11y/useMediaCaption: what people film has no captions. */}
          <video
            class="attachment-video"
            src={url}
            controls
            playsInline
            preload="metadata"
            aria-label={alt || name}
            onError={fails}
          />
          <figcaption class="attachment-line">
            <bdi class="attachment-name" title={name}>
              {name}
            </bdi>
            <span class="attachment-size">{sizeOf(attachment.bytes)}</span>
            <Saver name={name} url={url} />
          </figcaption>
        </figure>
      );
    case "audio":
      if (attachment.bytes <= DRAWN_MAX_BYTES && !isPlain)
        return (
          <>
            {isVoice(name) ? null : (
              <bdi class="attachment-name" title={name}>
                {name}
              </bdi>
            )}
            <Player
              name={isVoice(name) ? t("voice.title") : name}
              id={url}
              load={() => read(url)}
              onFail={() => setPlain(true)}
            />
          </>
        );
      return (
        <>
          <span class="attachment-line">
            <bdi class="attachment-name" title={name}>
              {name}
            </bdi>
            <span class="attachment-size">{sizeOf(attachment.bytes)}</span>
            <Saver name={name} url={url} />
          </span>
          {/* biome-ignore lint/a11y/useMediaCaption: what people record has no captions. */}
          <audio src={url} controls preload="none" aria-label={name} onError={fails} />
        </>
      );
    default:
      return attachment.type === PDF ? (
        <PdfCard attachment={attachment} of={of} />
      ) : (
        <Card attachment={attachment} />
      );
  }
}

async function read(url: string): Promise<Blob> {
  const found = await fetch(url, { credentials: "same-origin" });
  if (!found.ok) throw new Error(`HTTP ${found.status}`);
  return found.blob();
}

function Card({ attachment }: { attachment: Attachment }) {
  const { name, url, bytes } = attachment;
  return (
    <a class="attachment-card" href={url} download={name} aria-label={t("files.download", { name })}>
      <FileIcon name={name} />
      <span class="attachment-words">
        <bdi class="attachment-name" title={name}>
          {name}
        </bdi>
        <span class="attachment-size">{sizeOf(bytes)}</span>
      </span>
      <Download size={18} strokeWidth={1.75} aria-hidden="true" />
    </a>
  );
}

/** Opened here; saved by the button beside it. */
function PdfCard({ attachment, of }: Pick<ShownProps, "attachment" | "of">) {
  const { name, url, bytes } = attachment;
  return (
    <div class="attachment-card attachment-pdf">
      <button
        type="button"
        class="attachment-open"
        aria-haspopup="dialog"
        aria-label={t("files.open_pdf", { name })}
        onClick={() => {
          dialog.value = { kind: "pdf", ...of, file: attachment };
        }}
      >
        <FileIcon name={name} />
        <span class="attachment-words">
          <bdi class="attachment-name" title={name}>
            {name}
          </bdi>
          <span class="attachment-size">{sizeOf(bytes)}</span>
        </span>
      </button>
      <Saver name={name} url={url} />
    </div>
  );
}

function Saver({ name, url }: { name: string; url: string }) {
  return (
    <a
      class="icon-button"
      href={url}
      download={name}
      aria-label={t("files.download", { name })}
      title={t("files.download", { name })}
    >
      <Download size={18} strokeWidth={1.75} aria-hidden="true" />
    </a>
  );
}

/** What is cut to a square, or long and narrow, would be drawn larger than the small picture is. */
function sourceOf(thumbnail: string, width: number | null, height: number | null, isCut: boolean): string {
  const isLong = isCut && width && height && Math.max(width, height) > 2 * Math.min(width, height);
  return isLong ? `${thumbnail}?size=large` : thumbnail;
}

function styleOf({ width, height }: { width: number; height: number }): { width: string; height: string } {
  return { width: `${width}px`, height: `${height}px` };
}
