import { describe, expect, it } from "vitest";
import { isReplaced } from "./replaced";

const ENTRY = "/static/assets/main-old.js";
const page = (script: string, { ok = true, redirected = false } = {}) => ({
  ok,
  redirected,
  text: async () => `<!doctype html><script type="module" src="${script}"></script>`,
});

describe("a part of the page that cannot be fetched", () => {
  it("was replaced, when the page begins with another script now", async () => {
    expect(await isReplaced(ENTRY, async () => page("/static/assets/main-new.js"))).toBe(true);
  });

  it("was missed on the way, when the page is the same", async () => {
    expect(await isReplaced(ENTRY, async () => page(ENTRY))).toBe(false);
  });

  it("was missed on the way, when nothing can be fetched at all", async () => {
    expect(await isReplaced(ENTRY, () => Promise.reject(new TypeError("Failed to fetch")))).toBe(false);
  });

  it("says nothing while the server is in trouble or asks for a sign-in", async () => {
    const other = "/static/assets/main-new.js";
    expect(await isReplaced(ENTRY, async () => page(other, { ok: false }))).toBe(false);
    expect(await isReplaced(ENTRY, async () => page(other, { redirected: true }))).toBe(false);
  });
});
