// What is sent as an emoji or a logo: the picture as it is, or, where it is too large for that, drawn smaller here.

/** What the server takes at most. */
export const PICTURE_MAX_BYTES = 1_000_000;
/** Types that a file dialog offers; what a file really is finds the server. */
export const PICTURE_TYPES = "image/png,image/gif,image/webp,image/jpeg";

/** A picture small enough to be sent; null where it is none, or moves and is too large. */
export async function fitting(file: Blob, side: number): Promise<Blob | null> {
  if (file.size <= PICTURE_MAX_BYTES) return file;
  // Drawn anew it would stand still.
  if (file.type === "image/gif") return null;
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(file);
  } catch {
    return null;
  }
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext("2d");
  if (context) context.imageSmoothingQuality = "high";
  context?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.92));
}

/** A name for an emoji, of the name of a file; empty where nothing of it can be one. */
export function nameOf(file: string): string {
  const bare = file
    .normalize("NFC")
    .replace(/\.[^.]*$/, "")
    .toLowerCase();
  return cleanedName(bare.replace(/[\s.]+/gu, "_")).slice(0, 32);
}

/** What of a typed name can be in one. */
export function cleanedName(text: string): string {
  // A syllable that is being typed stays until it is whole.
  return text
    .toLowerCase()
    .replace(/\s+/gu, "_")
    .replace(/[^a-z0-9가-힣ㄱ-ㆎ_+-]/gu, "");
}

/** Whether a name can be one. */
export function isName(text: string): boolean {
  return /^[a-z0-9가-힣_+-]{1,32}$/u.test(text);
}
