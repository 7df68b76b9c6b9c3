// What reads PDF files: Mozilla's pdf.js, fetched when somebody opens one. Nothing in a file is run.
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy, TextLayer, version } from "pdfjs-dist";
import workerAddress from "pdfjs-dist/build/pdf.worker.min.mjs?url";

GlobalWorkerOptions.workerSrc = workerAddress;
/** Where the build puts what old files refer to instead of carrying it (vite.pdf-data.ts). */
const DATA = `/static/assets/pdf-${version}/`;
/** What is fetched at a time: the first page is seen before all of a long file has come. */
const PIECE_BYTES = 512 * 1024;

export type { PDFDocumentProxy, PDFPageProxy, RenderTask } from "pdfjs-dist";
export { TextLayer };

export interface Opened {
  file: Promise<PDFDocumentProxy>;
  close(): void;
}

/** Open a file of ours. `file` rejects for what is no PDF, is broken or asks for a password. */
export function openPdf(url: string): Opened {
  const task = getDocument({
    url,
    rangeChunkSize: PIECE_BYTES,
    disableAutoFetch: true,
    cMapUrl: `${DATA}cmaps/`,
    standardFontDataUrl: `${DATA}standard_fonts/`,
    wasmUrl: `${DATA}wasm/`,
    // Compiling it would need a looser content security policy.
    useWasm: false,
    enableXfa: false,
  });
  return { file: task.promise, close: () => void task.destroy().catch(() => undefined) };
}
