// What old PDF files refer to instead of carrying it: tables of Korean, Japanese and Chinese characters, and a few fonts.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const PACKAGE = join(import.meta.dirname, "node_modules", "pdfjs-dist");
const FOLDERS: Record<string, RegExp> = {
  cmaps: /\.bcmap$/,
  standard_fonts: /\.(?:pfb|ttf)$/,
  // Pictures of two rare kinds, without what would have to be compiled.
  wasm: /_nowasm_fallback\.js$/,
};

/** Put it beside the page, under an address that changes with the version. */
export function pdfData(): Plugin {
  return {
    name: "pdf-data",
    apply: "build",
    generateBundle() {
      const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as {
        version: string;
      };
      for (const [folder, wanted] of Object.entries(FOLDERS))
        for (const name of readdirSync(join(PACKAGE, folder)).filter((one) => wanted.test(one)))
          this.emitFile({
            type: "asset",
            fileName: `assets/pdf-${version}/${folder}/${name}`,
            source: readFileSync(join(PACKAGE, folder, name)),
          });
    },
  };
}
