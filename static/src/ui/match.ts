// Finding names while they are typed: by the start of a word first, then anywhere; Korean also by its first sounds. Pure.
const FIRST_SOUNDS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const SYLLABLE_FIRST = 0xac00;
const SYLLABLES_PER_SOUND = 588;
const SYLLABLES_PER_VOWEL = 28;

/** Lower case, without accents, Hangul composed. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .normalize("NFC")
    .toLocaleLowerCase();
}

/** How well a text answers a query: 0 best, null not at all. An empty query is answered by everything. */
export function rank(text: string, query: string): number | null {
  const wanted = fold(query.trim());
  if (wanted === "") return 0;
  const folded = fold(text);
  let best: number | null = null;
  for (let at = 0; at + wanted.length <= folded.length; at++) {
    if (!startsAt(folded, wanted, at)) continue;
    const isWordStart = at === 0 || /[\s._-]/.test(folded[at - 1]!);
    const found = at === 0 ? 0 : isWordStart ? 1 : 2;
    if (best === null || found < best) best = found;
    if (best === 0) break;
  }
  return best;
}

function startsAt(text: string, wanted: string, at: number): boolean {
  for (let index = 0; index < wanted.length; index++) {
    const isLast = index === wanted.length - 1;
    if (!sameLetter(text[at + index]!, wanted[index]!, isLast)) return false;
  }
  return true;
}

// While a syllable is being typed it is not whole yet: ㅈ and 지 both begin 진.
function sameLetter(letter: string, wanted: string, isLast: boolean): boolean {
  if (letter === wanted) return true;
  const code = letter.charCodeAt(0) - SYLLABLE_FIRST;
  if (code < 0 || code >= FIRST_SOUNDS.length * SYLLABLES_PER_SOUND) return false;
  if (FIRST_SOUNDS.includes(wanted)) return FIRST_SOUNDS[Math.floor(code / SYLLABLES_PER_SOUND)] === wanted;
  const typed = wanted.charCodeAt(0) - SYLLABLE_FIRST;
  const isOpen = typed >= 0 && typed % SYLLABLES_PER_VOWEL === 0;
  return isLast && isOpen && code - (code % SYLLABLES_PER_VOWEL) === typed;
}

/** Those that answer the query, the best first, equals in their order. */
export function search<Item>(
  items: readonly Item[],
  query: string,
  textsOf: (item: Item) => readonly string[],
): Item[] {
  return items
    .map((item, index) => ({ item, index, found: bestRank(textsOf(item), query) }))
    .filter(({ found }) => found !== null)
    .sort((a, b) => a.found! - b.found! || a.index - b.index)
    .map(({ item }) => item);
}

/** How well the best of some texts answers a query; null where none does. */
export function bestRank(texts: readonly string[], query: string): number | null {
  const found = texts.map((text) => rank(text, query)).filter((each) => each !== null);
  return found.length > 0 ? Math.min(...found) : null;
}
