// What can be told of a file without opening it.
import type { Attachment, Message } from "../../protocol";

const ENDING_MAX_CHARS = 4;
/** The box that a picture of a message gets, at most. */
const BOX_WIDTH_PX = 400;
const BOX_HEIGHT_PX = 300;
/** Smaller ones get a place that can be hit. */
const BOX_LEAST_PX = 48;

/** PDF for report.pdf; a dot where there is nothing short to say. */
export function endingOf(name: string): string {
  const dot = name.lastIndexOf(".");
  const end = dot > 0 ? name.slice(dot + 1) : "";
  return end.length > 0 && end.length <= ENDING_MAX_CHARS ? end.toUpperCase() : "·";
}

export type Kind = "picture" | "coming" | "video" | "audio" | "file";

/** How a file of a message is shown. */
export function kindOf({ state, type, thumbnail }: Attachment): Kind {
  if (state === "waiting") return "coming";
  if (thumbnail !== null) return "picture";
  if (type.startsWith("video/")) return "video";
  return type.startsWith("audio/") ? "audio" : "file";
}

/** What stands for a message where only text has a place: its text, else its files by their words or names, else a quote. */
export function saidIn({
  body,
  attachments,
  quote,
}: Pick<Message, "body" | "attachments" | "quote">): string {
  const files = attachments.map(({ alt, name }) => alt || name).join(", ");
  return body || files || (quote ? saidIn({ body: quote.body, attachments: quote.attachments }) : "");
}

/** The size in which a picture stands in the timeline: known before it has come, so that nothing moves. */
export function boxOf(width: number | null, height: number | null): { width: number; height: number } {
  if (!width || !height) return { width: BOX_WIDTH_PX / 2, height: BOX_HEIGHT_PX / 2 };
  const scale = Math.min(1, BOX_WIDTH_PX / width, BOX_HEIGHT_PX / height);
  return {
    width: Math.max(BOX_LEAST_PX, Math.round(width * scale)),
    height: Math.max(BOX_LEAST_PX, Math.round(height * scale)),
  };
}
