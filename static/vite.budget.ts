// The first view has a budget: what a phone must read before it shows a room. A build above it fails and says what has grown.
import { gzipSync } from "node:zlib";
import type { Plugin, Rollup } from "vite";

/** JavaScript of the first view, compressed, with the larger of the two languages. */
export const BUDGET_BYTES = 150 * 1024;
const PAGE = "main";
/** One of these is fetched at once as well: the words. */
const WORDS = /^src\/text\/(?:en|ko)\.json$/;

/** Add up what `main` needs at once: itself, what it imports, and the words of one language. */
export function firstView(bundle: Rollup.OutputBundle): Map<string, number> {
  const chunks = new Map(
    Object.values(bundle).flatMap((one) => (one.type === "chunk" ? [[one.fileName, one] as const] : [])),
  );
  const sizes = new Map<string, number>();
  const add = (name: string): void => {
    const chunk = chunks.get(name);
    if (!chunk || sizes.has(name)) return;
    sizes.set(name, gzipSync(chunk.code).length);
    for (const other of chunk.imports) add(other);
  };
  let words: [string, number] | null = null;
  for (const [name, chunk] of chunks) {
    if (chunk.isEntry && chunk.name === PAGE) add(name);
    const bytes = gzipSync(chunk.code).length;
    const isWords = WORDS.test(
      (chunk.facadeModuleId ?? "").replaceAll("\\", "/").split("/static/").at(-1) ?? "",
    );
    if (isWords && bytes > (words?.[1] ?? 0)) words = [name, bytes];
  }
  if (words) sizes.set(...words);
  return sizes;
}

/** Fail the build when the first view is larger than its budget. */
export function budget(most: number = BUDGET_BYTES): Plugin {
  return {
    name: "budget",
    generateBundle(_options, bundle) {
      const sizes = firstView(bundle);
      const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
      const told = [...sizes].map(([name, bytes]) => `${name} ${bytes.toLocaleString("en")}`).join(", ");
      const found = `the first view needs ${total.toLocaleString("en")} bytes of compressed JavaScript (${told})`;
      if (total === 0) this.error("the budget found no first view: is the entry still called main?");
      if (total > most) this.error(`${found}, at most ${most.toLocaleString("en")}`);
    },
  };
}
