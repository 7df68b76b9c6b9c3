// What is new in a text beside an earlier one, by words. Pure.

export interface Piece {
  text: string;
  isNew: boolean;
}

/** Beyond this a comparison would take long; the texts stand side by side anyway. */
const WORDS_MAX_COUNT = 600;

/** Cut a text into what stood in the earlier one, in this order, and what did not; without one nothing is new. */
export function changedPieces(before: string | null, after: string): Piece[] {
  if (before === null || after === "") return [{ text: after, isNew: false }];
  const [old, now] = [wordsOf(before), wordsOf(after)];
  if (old.length > WORDS_MAX_COUNT || now.length > WORDS_MAX_COUNT) return [{ text: after, isNew: false }];
  const pieces: Piece[] = [];
  const add = (text: string, isNew: boolean): void => {
    const last = pieces.at(-1);
    if (last?.isNew === isNew) last.text += text;
    else pieces.push({ text, isNew });
  };
  const lengths = common(old, now);
  let at = 0;
  let index = 0;
  while (index < now.length) {
    if (at < old.length && old[at] === now[index]) {
      add(now[index]!, false);
      at += 1;
      index += 1;
    } else if (at < old.length && lengths[at + 1]![index]! >= lengths[at]![index + 1]!) at += 1;
    else {
      add(now[index]!, true);
      index += 1;
    }
  }
  return pieces;
}

function wordsOf(text: string): string[] {
  return text.split(/(\s+)/).filter((word) => word !== "");
}

/** How many words the rests of both texts have in common, from each place on. */
function common(old: readonly string[], now: readonly string[]): number[][] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let at = old.length - 1; at >= 0; at--) {
    for (let index = now.length - 1; index >= 0; index--) {
      lengths[at]![index] =
        old[at] === now[index]
          ? lengths[at + 1]![index + 1]! + 1
          : Math.max(lengths[at + 1]![index]!, lengths[at]![index + 1]!);
    }
  }
  return lengths;
}
