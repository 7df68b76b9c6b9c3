// Plain text into pieces: words and the addresses in them. The server renders everything richer than this. Pure.
export type Piece = { text: string; href: string | null };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const TRAILING = /[.,:;!?…'"»”’*_~]+$/u;

/** Split a text at its addresses; joined again, the pieces are the text. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const href = trimmed(found[0]);
    if (!isAddress(href)) continue;
    if (found.index > at) pieces.push({ text: text.slice(at, found.index), href: null });
    pieces.push({ text: href, href });
    at = found.index + href.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), href: null });
  return pieces;
}

function trimmed(address: string): string {
  let result = address.replace(TRAILING, "");
  // A closing bracket belongs to the sentence unless it was opened inside the address.
  for (const [open, close] of ["()", "[]", "{}"]) {
    while (result.endsWith(close!) && count(result, close!) > count(result, open!)) {
      result = result.slice(0, -1).replace(TRAILING, "");
    }
  }
  // Korean writes particles without a space: https://example.com에서
  return /^https?:\/\/[^/?#]+$/iu.test(result) ? result.replace(/[가-힣]+$/u, "") : result;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

function isAddress(text: string): boolean {
  try {
    return new URL(text).hostname !== "";
  } catch {
    return false;
  }
}
