// Cuts Pretendard into pieces at build time, so that a browser loads only what a screen needs: first the letters of the
// page's own words, then the 2,350 syllables of everyday Korean (KS X 1001), the rare rest only when somebody writes one.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

const NAME = "maru:korean-font.css";
const WEIGHTS = [400, 600] as const;
const PACKAGE = "node_modules/@fontsource/pretendard";
const CATALOGUE = "src/text/ko.json";
const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
// Letters, signs and single sounds that stand beside syllables in any text.
const SIGNS: readonly [number, number][] = [
  [0x20, 0x7e],
  [0xa0, 0xff],
  [0x2010, 0x2027],
  [0x20a9, 0x20ac],
  [0x2190, 0x2193],
  [0x3001, 0x3011],
  [0x3131, 0x3163],
];

/** Offer `maru:korean-font.css`: the typeface in pieces, each with its range. */
export function koreanFont(): Plugin {
  let sheet = "";
  return {
    name: "korean-font",
    apply: "build",
    async configResolved({ root }) {
      sheet = await build(root);
    },
    resolveId: (id) => (id === NAME ? sheet : null),
  };
}

async function build(root: string): Promise<string> {
  const catalogue = await readFile(join(root, CATALOGUE), "utf8");
  const version = await readFile(join(root, PACKAGE, "package.json"), "utf8");
  const own = await readFile(import.meta.filename, "utf8");
  const key = createHash("sha256").update(catalogue).update(version).update(own).digest("hex").slice(0, 12);
  const folder = join(root, "node_modules", ".cache", `korean-font-${key}`);
  const sheet = join(folder, "korean.css");
  if (existsSync(sheet)) return sheet;
  await mkdir(folder, { recursive: true });
  const faces: string[] = [];
  for (const weight of WEIGHTS) {
    const whole = await readFile(join(root, PACKAGE, "files", `pretendard-latin-${weight}-normal.woff2`));
    for (const { name, points, range } of pieces(catalogue)) {
      const file = `pretendard-${weight}-${name}.woff2`;
      const text = String.fromCodePoint(...points);
      await writeFile(join(folder, file), await subsetFont(whole, text, { targetFormat: "woff2" }));
      faces.push(face(weight, file, range));
    }
  }
  // Written last: a build that was stopped leaves no sheet, and the next one starts anew.
  await writeFile(sheet, faces.join("\n"));
  return sheet;
}

function face(weight: number, file: string, range: string): string {
  return `@font-face {
  font-family: "Pretendard";
  font-weight: ${weight};
  font-display: swap;
  src: url("./${file}") format("woff2");
  unicode-range: ${range};
}`;
}

interface Piece {
  name: string;
  /** What is in the file. */
  points: readonly number[];
  /** What the file is asked for; where ranges overlap, the later face is taken. */
  range: string;
}

function pieces(catalogue: string): Piece[] {
  const own = [...new Set(catalogue)].map((letter) => letter.codePointAt(0) ?? 0).filter(isSyllable);
  const everyday = everydaySyllables();
  const known = new Set([...own, ...everyday]);
  const rare = span(FIRST_SYLLABLE, LAST_SYLLABLE).filter((point) => !known.has(point));
  const first = [...SIGNS.flatMap(([from, to]) => span(from, to)), ...own.sort((a, b) => a - b)];
  const isNew = (point: number): boolean => !own.includes(point);
  return [
    // One range for the whole block instead of thousands: the sheet stays small.
    { name: "rare", points: rare, range: rangeOf(FIRST_SYLLABLE, LAST_SYLLABLE) },
    { name: "everyday", points: everyday.filter(isNew), range: ranges(everyday) },
    { name: "first", points: first, range: ranges(first) },
  ];
}

function isSyllable(point: number): boolean {
  return point >= FIRST_SYLLABLE && point <= LAST_SYLLABLE;
}

/** The Hangul rows of KS X 1001 (B0A1 to C8FE in EUC-KR), in the order of Unicode. */
function everydaySyllables(): number[] {
  const decoder = new TextDecoder("euc-kr");
  const points: number[] = [];
  for (let row = 0xb0; row <= 0xc8; row++) {
    for (let cell = 0xa1; cell <= 0xfe; cell++) {
      points.push(decoder.decode(new Uint8Array([row, cell])).codePointAt(0) ?? 0);
    }
  }
  return points.sort((a, b) => a - b);
}

function span(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function ranges(points: readonly number[]): string {
  const found: string[] = [];
  let start = 0;
  for (let at = 1; at <= points.length; at++) {
    if (points[at] === points[at - 1]! + 1) continue;
    found.push(rangeOf(points[start]!, points[at - 1]!));
    start = at;
  }
  return found.join(", ");
}

function rangeOf(from: number, to: number): string {
  const start = `U+${from.toString(16)}`;
  return from === to ? start : `${start}-${to.toString(16)}`;
}
