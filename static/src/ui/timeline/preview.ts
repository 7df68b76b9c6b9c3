// What can be told of a preview without drawing it.
import type { Preview } from "../../protocol";

/** From this width on a picture stands below the words, else beside them. */
const WIDE_MIN_PX = 400;

/** Where a link leads; null for what is no link of the web, which is not shown. */
export function hostOf(url: string): string | null {
  try {
    const { protocol, host } = new URL(url);
    return protocol === "http:" || protocol === "https:" ? host : null;
  } catch {
    return null;
  }
}

/** Whether a picture is large enough to be looked at for itself. */
export function isWide({ image_width: width, image_height: height }: Preview): boolean {
  return width !== null && height !== null && width >= WIDE_MIN_PX && width >= height;
}
