import { build } from "vite";
import { describe, expect, it } from "vitest";
import { budget, firstView } from "../vite.budget";

const chunk = (fileName: string, code: string, more: object = {}): object => ({
  type: "chunk",
  name: fileName,
  fileName,
  code,
  imports: [],
  isEntry: false,
  facadeModuleId: null,
  ...more,
});
const noise = (count: number): string =>
  Array.from({ length: count }, (_, at) => ((at * 2654435761) >>> 0).toString(36)).join("");

const bundle = {
  a: chunk("a.js", noise(100), { name: "main", isEntry: true, imports: ["b.js"] }),
  b: chunk("b.js", noise(80), { imports: ["a.js"] }),
  c: chunk("c.js", noise(5_000)),
  en: chunk("en.js", noise(10), { facadeModuleId: "/x/static/src/text/en.json" }),
  ko: chunk("ko.js", noise(30), { facadeModuleId: "/x/static/src/text/ko.json" }),
};

describe("the budget of the first view", () => {
  it("counts the page, what it imports, and the larger of the languages", () => {
    expect([...firstView(bundle as never).keys()].sort()).toEqual(["a.js", "b.js", "ko.js"]);
  });

  it("stops a build that is larger", async () => {
    const made = build({
      configFile: false,
      logLevel: "silent",
      root: import.meta.dirname,
      plugins: [
        {
          name: "page",
          resolveId: (id) => (id === "page" ? id : null),
          load: (id) => (id === "page" ? "console.log(1234567)" : null),
        },
        budget(10),
      ],
      build: { write: false, rolldownOptions: { input: { main: "page" } } },
    });
    await expect(made).rejects.toThrow(/the first view needs \d+ bytes .* at most 10/);
  });
});
