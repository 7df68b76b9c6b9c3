// Which modules go together in the files of the first view.
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFewFiles } from "../vite.first-view.ts";

const GRAPH: Record<string, string[]> = {
  "src/main.tsx": ["src/app.ts", "src/words.ts"],
  "src/app.ts": ["src/room.ts", "src/app.css"],
  "src/room.ts": ["src/app.ts"],
  "src/accounts.ts": ["src/words.ts", "src/form.ts"],
  "src/worker.ts": [],
};

function groupOf(name: string): string | null {
  const { groups } = inFewFiles("/page");
  const context = {
    getModuleInfo: (id: string) => {
      const found = GRAPH[id.replace(/^\/page\//, "")];
      return found ? { importedIds: found.map((one) => join("/page", one)) } : null;
    },
  };
  const sorted = [...groups!].sort((a, b) => b.priority! - a.priority!);
  for (const { name: ask } of sorted) {
    const said = typeof ask === "function" ? ask(join("/page", name), context as never) : ask;
    if (said) return said;
  }
  return null;
}

test("what the page needs at once is together, and what the pages of accounts need as well is apart", () => {
  expect(["src/main.tsx", "src/app.ts", "src/room.ts", "src/app.css"].map(groupOf)).toEqual(
    Array(4).fill("first"),
  );
  expect(groupOf("src/words.ts")).toBe("shared");
});

test("what comes later or belongs to others stays apart", () => {
  expect(["src/settings.ts", "src/form.ts", "src/accounts.ts"].map(groupOf)).toEqual([null, null, null]);
});
