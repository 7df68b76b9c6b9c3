// From part to part of the page: the left column, what was said, where to write, the panel beside it.
const PARTS = [
  ".sidebar [aria-current], .sidebar .side-search",
  "#main [role=log], #main [data-list-of-messages]",
  "#main .composer textarea, #main [data-search-field]",
  "aside.panel [tabindex]",
];

/** Move the focus to the next part that there is, or to the one before. */
export function nextPart(step: 1 | -1): boolean {
  const places = PARTS.map((selector) => visible(selector)).filter((place) => place !== null);
  if (places.length === 0) return false;
  const at = places.findIndex((place) => partOf(place)?.contains(document.activeElement));
  places[(Math.max(at, step === 1 ? -1 : 0) + step + places.length) % places.length]?.focus();
  return true;
}

function visible(selector: string): HTMLElement | null {
  return (
    [...document.querySelectorAll<HTMLElement>(selector)].find((place) => place.checkVisibility()) ?? null
  );
}

function partOf(place: HTMLElement): Element | null {
  return place.closest(
    ".sidebar, .composer, .timeline-place, .seek-head, aside.panel, [data-list-of-messages]",
  );
}
