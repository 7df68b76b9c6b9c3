// A picture alone, as large as the screen lets it; arrows go to the others of its message, Esc goes back.
import { ChevronLeft, ChevronRight, Download, X } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attachment } from "../../protocol";
import { t } from "../../text/t";
import { closeDialog } from "../dialogs";
import { IconButton } from "./IconButton";
import "../../styles/lightbox.css";

interface LightboxProps {
  pictures: readonly Attachment[];
  at: number;
}

export function Lightbox({ pictures, at }: LightboxProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const [shown, setShown] = useState(Math.max(0, at));
  const picture = pictures[Math.min(shown, pictures.length - 1)];
  const go = (step: number): void =>
    setShown((now) => Math.min(pictures.length - 1, Math.max(0, now + step)));

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    return () => {
      ref.current?.close();
      if (before?.isConnected) before.focus();
    };
  }, []);

  if (!picture) return null;
  const { name, alt, width, height } = picture;
  // What moves is only whole in the file itself.
  const isMoving = picture.type === "image/gif" || picture.type === "image/webp";
  const address = isMoving ? picture.url : `${picture.thumbnail}?size=large`;
  return (
    <dialog
      ref={ref}
      class="lightbox"
      aria-label={alt || name}
      onCancel={(event) => {
        event.preventDefault();
        closeDialog();
      }}
      onKeyDown={(event) => {
        const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
        if (step === 0) return;
        event.preventDefault();
        go(step);
      }}
      onClick={(event) => {
        if (!(event.target as HTMLElement).closest("img, a, button, p")) closeDialog();
      }}
    >
      <header class="lightbox-head">
        <bdi class="lightbox-name">{name}</bdi>
        <a class="icon-button" href={picture.url} download={name} aria-label={t("files.download", { name })}>
          <Download size={18} strokeWidth={1.75} aria-hidden="true" />
        </a>
        <IconButton icon={X} label={t("dialog.close")} onClick={closeDialog} />
      </header>
      <div class="lightbox-stage">
        <img
          key={picture.id}
          src={address}
          alt={alt}
          width={width ?? undefined}
          height={height ?? undefined}
        />
      </div>
      {alt ? (
        <p class="lightbox-alt" dir="auto">
          {alt}
        </p>
      ) : null}
      {pictures.length > 1 ? (
        <nav class="lightbox-walk" aria-label={t("files.walk")}>
          <IconButton
            icon={ChevronLeft}
            label={t("files.before")}
            disabled={shown === 0}
            onClick={() => go(-1)}
          />
          <span aria-live="polite">{t("files.place", { at: shown + 1, n: pictures.length })}</span>
          <IconButton
            icon={ChevronRight}
            label={t("files.after")}
            disabled={shown === pictures.length - 1}
            onClick={() => go(1)}
          />
        </nav>
      ) : null}
    </dialog>
  );
}
