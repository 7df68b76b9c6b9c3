import { describe, expect, it } from "vitest";
import { isReplaced } from "./replaced";

const ENTRY = "/static/assets/main-old.js";
const page = (script: string, { ok = true, redirected = false } = {}) => ({
  ok,
  redirected,
  text: async () =>
    `<!doctype html><script type="module" src="${script}"></script><script id="config" type="application/json">{}</script>`,
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

  it("was missed on the way, when a hotel answers with its own page", async () => {
    const hotel = { ok: true, redirected: false, text: async () => "<form>Room number</form>" };
    expect(await isReplaced(ENTRY, async () => hotel)).toBe(false);
  });

  it("says nothing while the server is in trouble or asks for a sign-in", async () => {
    const other = "/static/assets/main-new.js";
    expect(await isReplaced(ENTRY, async () => page(other, { ok: false }))).toBe(false);
    expect(await isReplaced(ENTRY, async () => page(other, { redirected: true }))).toBe(false);
  });
});
