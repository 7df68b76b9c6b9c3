// The page's own floors: store/ and text/ know neither network nor screen, ui/ never touches the socket.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = import.meta.dirname;
const MAY: Record<string, string[]> = {
  store: ["store", "protocol"],
  text: ["text", "protocol"],
  net: ["net", "store", "protocol"],
  ui: ["ui", "store", "text", "protocol", "styles", "net/actions", "net/config"],
};

const sources = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.tsx?$/.test(name),
);

const importsOf = (name: string): string[] => {
  const text = readFileSync(join(root, name), "utf8");
  return [...text.matchAll(/(?:from|import\(?)\s*"(\.[^"]+)"/g)].map((match) =>
    relative(root, resolve(root, dirname(name), match[1]!)),
  );
};

describe.each(Object.entries(MAY))("%s/", (folder, allowed) => {
  it(`imports only ${allowed.join(", ")}`, () => {
    const own = sources.filter((name) => name.startsWith(`${folder}/`));
    const broken = own.flatMap((name) =>
      importsOf(name)
        .filter((path) => !allowed.some((place) => path === place || path.startsWith(`${place}/`)))
        .map((path) => `${name} imports ${path}`),
    );
    expect(broken).toEqual([]);
  });
});

describe("the page", () => {
  it("makes HTML only of what the server has sanitized, in one place", () => {
    const places = sources.filter(
      (name) =>
        !name.includes(".test.") &&
        /dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML/.test(readFileSync(join(root, name), "utf8")),
    );
    expect(places.filter((name) => name !== "ui/timeline/MessageBody.tsx")).toEqual([]);
  });

  it("opens no socket but that of net/", () => {
    const places = sources.filter((name) => /new WebSocket\(/.test(readFileSync(join(root, name), "utf8")));
    expect(places.filter((name) => !name.includes(".test."))).toEqual(["net/start.ts"]);
  });

  it("keeps every file within 400 lines", () => {
    const long = sources
      .filter((name) => name !== "protocol.ts")
      .map((name) => [name, readFileSync(join(root, name), "utf8").split("\n").length] as const)
      .filter(([, lines]) => lines > 400);
    expect(long).toEqual([]);
  });
});
