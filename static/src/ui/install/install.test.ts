// @vitest-environment happy-dom
// What the browser offers, what becomes of it, and how often it is spoken of.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let page: typeof import("./install");
let stop: () => void = () => undefined;

beforeEach(async () => {
  localStorage.clear();
  // Each story has a page of its own.
  vi.resetModules();
  page = await import("./install");
});
afterEach(() => stop());

function visit(count = 1): void {
  for (let turn = 0; turn < count; turn++) {
    stop();
    stop = page.startInstall();
  }
}

function offers(outcome: "accepted" | "dismissed"): { prompt: ReturnType<typeof vi.fn>; event: Event } {
  const event = new Event("beforeinstallprompt", { cancelable: true });
  const prompt = vi.fn(async () => ({ outcome }));
  dispatchEvent(Object.assign(event, { prompt }));
  return { prompt, event };
}

test("without an offer nothing is promised", () => {
  visit(5);
  expect([page.installState.value, page.showsHint.value]).toEqual(["none", false]);
});

test("an offer is kept from covering the page, and is good for one question", async () => {
  visit();
  const { prompt, event } = offers("dismissed");
  expect([event.defaultPrevented, page.installState.value]).toEqual([true, "offered"]);
  await page.install();
  await page.install();
  expect(prompt).toHaveBeenCalledTimes(1);
  expect(page.installState.value).toBe("none");
});

test("it is spoken of from the third visit on, until somebody has answered", () => {
  visit(2);
  offers("dismissed");
  expect(page.showsHint.value).toBe(false);
  visit();
  expect(page.showsHint.value).toBe(true);
  page.endHint();
  visit();
  expect(page.showsHint.value).toBe(false);
});

test("an iPhone is told how, as its browser offers nothing", () => {
  const agent = vi.spyOn(navigator, "userAgent", "get").mockReturnValue("Mozilla/5.0 (iPhone; CPU)");
  visit();
  expect(page.installState.value).toBe("by_hand");
  agent.mockRestore();
});

test("what was accepted is installed", async () => {
  visit();
  offers("accepted");
  await page.install();
  expect([page.installState.value, page.showsHint.value]).toEqual(["installed", false]);
});
