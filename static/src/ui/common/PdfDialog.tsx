// A PDF in the page: its pages below each other, drawn as they come near, with text that can be selected and read out.
import { Download, X, ZoomIn, ZoomOut } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attachment } from "../../protocol";
import { t } from "../../text/t";
import { closeDialog } from "../dialogs";
import { IconButton } from "./IconButton";
import { openPdf, type PDFDocumentProxy, type RenderTask, TextLayer } from "./pdf";
import { Skeleton } from "./States";
import "../../styles/pdf.css";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];
const AS_WIDE = 2;
/** Beyond this a canvas takes more memory than a phone has. */
const CANVAS_MAX_PIXELS = 8_000_000;
/** Pages so near are drawn already; those further away give their memory back. */
const NEAR = "100% 0px";
const GAP_PX = 32;
const WIDEST_PX = 900;

export function PdfDialog({ file }: { file: Attachment }) {
  const ref = useRef<HTMLDialogElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const [pdf, setPdf] = useState<PDFDocumentProxy | null>(null);
  const [isFailed, setFailed] = useState(false);
  const [zoom, setZoom] = useState(AS_WIDE);
  const [at, setAt] = useState(1);
  const [width, setWidth] = useState(0);

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    const opened = openPdf(file.url);
    opened.file.then(setPdf, () => setFailed(true));
    return () => {
      opened.close();
      ref.current?.close();
      if (before?.isConnected) before.focus();
    };
  }, []);

  useEffect(() => {
    const box = body.current;
    if (!box) return undefined;
    const seen = new ResizeObserver(() => setWidth(box.clientWidth));
    seen.observe(box);
    return () => seen.disconnect();
  }, []);

  useEffect(() => {
    // The keys that scroll are its own.
    if (pdf) body.current?.focus();
  }, [pdf]);

  const count = pdf?.numPages ?? 0;
  const wide = Math.min(WIDEST_PX, Math.max(0, width - GAP_PX)) * ZOOMS[zoom]!;
  const note = (): void => {
    const box = body.current;
    if (!box) return;
    const middle = box.scrollTop + box.clientHeight / 2;
    const pages = [...box.querySelectorAll<HTMLElement>(".pdf-page")];
    const found = pages.findLastIndex((page) => page.offsetTop <= middle);
    setAt(Math.max(0, found) + 1);
  };

  return (
    <dialog
      ref={ref}
      class="pdf"
      aria-label={file.name}
      onCancel={(event) => {
        event.preventDefault();
        closeDialog();
      }}
      onKeyDown={(event) => {
        const { key, ctrlKey, metaKey } = event;
        if (ctrlKey || metaKey) return;
        if (key === "+" || key === "=") setZoom(Math.min(ZOOMS.length - 1, zoom + 1));
        else if (key === "-") setZoom(Math.max(0, zoom - 1));
      }}
    >
      <header class="pdf-head">
        <bdi class="pdf-name">{file.name}</bdi>
        {count > 0 ? (
          <span class="pdf-place" aria-live="polite">
            {t("files.page_place", { at, n: count })}
          </span>
        ) : null}
        <IconButton
          icon={ZoomOut}
          label={t("files.zoom_out")}
          disabled={zoom === 0}
          onClick={() => setZoom(zoom - 1)}
        />
        <IconButton
          icon={ZoomIn}
          label={t("files.zoom_in")}
          disabled={zoom === ZOOMS.length - 1}
          onClick={() => setZoom(zoom + 1)}
        />
        <a
          class="icon-button"
          href={file.url}
          download={file.name}
          aria-label={t("files.download", { name: file.name })}
          title={t("files.download", { name: file.name })}
        >
          <Download size={18} strokeWidth={1.75} aria-hidden="true" />
        </a>
        <IconButton icon={X} label={t("dialog.close")} onClick={closeDialog} />
      </header>
      <section
        ref={body}
        class="pdf-body"
        aria-label={t("files.pages")}
        // What scrolls has to be reached by keys.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
        tabIndex={0}
        onScroll={note}
      >
        {isFailed ? (
          <p class="pdf-failed" role="alert">
            {t("files.pdf_failed")}
          </p>
        ) : pdf && wide > 0 ? (
          Array.from({ length: count }, (_, index) => (
            <Page key={index} pdf={pdf} number={index + 1} wide={wide} scroller={body.current!} />
          ))
        ) : (
          <Skeleton rows={8} />
        )}
      </section>
    </dialog>
  );
}

interface PageProps {
  pdf: PDFDocumentProxy;
  number: number;
  wide: number;
  scroller: HTMLElement;
}

function Page({ pdf, number, wide, scroller }: PageProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  // A4 until it is known.
  const [ratio, setRatio] = useState(Math.SQRT2);

  useEffect(() => {
    const seen = new IntersectionObserver((entries) => setNear(entries.at(-1)!.isIntersecting), {
      root: scroller,
      rootMargin: NEAR,
    });
    seen.observe(ref.current!);
    return () => seen.disconnect();
  }, []);

  useEffect(() => {
    if (!isNear) return undefined;
    const box = ref.current!;
    let isGone = false;
    let task: RenderTask | null = null;
    let text: TextLayer | null = null;
    const draw = async (): Promise<void> => {
      const page = await pdf.getPage(number);
      const plain = page.getViewport({ scale: 1 });
      if (isGone) return;
      setRatio(plain.height / plain.width);
      const viewport = page.getViewport({ scale: wide / plain.width });
      const most = Math.sqrt(CANVAS_MAX_PIXELS / (viewport.width * viewport.height));
      const sharp = Math.min(devicePixelRatio, most);
      const canvas = document.createElement("canvas");
      canvas.width = Math.floor(viewport.width * sharp);
      canvas.height = Math.floor(viewport.height * sharp);
      canvas.setAttribute("aria-hidden", "true");
      const transform = sharp === 1 ? {} : { transform: [sharp, 0, 0, sharp, 0, 0] };
      task = page.render({ canvas, viewport, ...transform });
      await task.promise;
      if (isGone) return;
      const words = document.createElement("div");
      words.className = "pdf-text";
      box.style.setProperty("--total-scale-factor", String(viewport.scale));
      box.replaceChildren(canvas, words);
      text = new TextLayer({ textContentSource: page.streamTextContent(), container: words, viewport });
      await text.render();
    };
    // Cancelled, or a page that is broken: it stays white.
    draw().catch(() => undefined);
    return () => {
      isGone = true;
      task?.cancel();
      text?.cancel();
      box.replaceChildren();
    };
  }, [isNear, wide]);

  return (
    <section
      ref={ref}
      class="pdf-page"
      aria-label={t("files.page", { n: number })}
      style={{ width: `${wide}px`, height: `${wide * ratio}px` }}
    />
  );
}
