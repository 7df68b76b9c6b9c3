// Builds the page into static/dist with a manifest that Django reads, and runs its unit tests.
import { defineConfig } from "vitest/config";
import { budget } from "./vite.budget.ts";
import { inFewFiles } from "./vite.first-view.ts";
import { koreanFont } from "./vite.korean-font.ts";
import { pdfData } from "./vite.pdf-data.ts";
import { strictStyles } from "./vite.strict-styles.ts";

export default defineConfig({
  base: "/static/",
  plugins: [strictStyles(), koreanFont(), pdfData(), budget()],
  publicDir: "public",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    sourcemap: true,
    // A data: URL would need a looser content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ["src/main.tsx", "src/accounts.ts", "src/worker.ts"],
      output: {
        // Its address must stay, because a browser that has it asks there for a newer one.
        entryFileNames: ({ name }) => (name === "worker" ? "worker.js" : "assets/[name]-[hash].js"),
        codeSplitting: inFewFiles(import.meta.dirname),
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
