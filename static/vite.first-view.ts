// What the first view needs goes in few files: a phone that pays half a second for each request waits for rounds of them,
// and plain HTTP has six at a time. What comes later stays in parts of its own.
import { join } from "node:path";
import type { Rollup } from "vite";

type Splitting = Exclude<Rollup.OutputOptions["codeSplitting"], boolean | undefined>;
type Context = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

const PAGE = "src/main.tsx";
/** They share a few modules with the page, and must not fetch all of it for those. */
const OTHERS = ["src/accounts.ts", "src/worker.ts"];

/** Join the modules that the page imports at once, and those among them that the other entries import too. */
export function inFewFiles(root: string): Splitting {
  let page: Set<string> | null = null;
  let others = new Set<string>();
  const read = (context: Context): Set<string> => {
    if (page) return page;
    page = reached([join(root, PAGE)], context);
    others = reached(
      OTHERS.map((name) => join(root, name)),
      context,
    );
    return page;
  };
  return {
    groups: [
      {
        name: (id, context) => (read(context).has(id) && others.has(id) ? "shared" : null),
        priority: 2,
      },
      { name: (id, context) => (read(context).has(id) ? "first" : null), priority: 1 },
    ],
  };
}

function reached(entries: readonly string[], context: Context): Set<string> {
  const found = new Set<string>();
  const waiting = [...entries];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(context.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}
