// In a page of another language a browser asks for a piece of the typeface only when somebody has written Korean and the
// machine has no letters for it; so the sheet with their ranges may come when the page is at rest.

/** Load the sheet of the Korean typeface: at once in a Korean page, else when nothing else is to do. */
export function loadKoreanFont(language: string): void {
  const load = () => void import("./fonts-ko");
  if (language === "ko") load();
  else if ("requestIdleCallback" in window) requestIdleCallback(load, { timeout: 3000 });
  else setTimeout(load, 1000);
}
