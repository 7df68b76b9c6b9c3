// What TypeScript is not told by others: the sheet that vite.korean-font.ts makes, and the package it makes it with.
declare module "maru:korean-font.css";

declare module "subset-font" {
  export default function subsetFont(
    font: Uint8Array,
    text: string,
    options: { targetFormat: "woff2" },
  ): Promise<Uint8Array>;
}
