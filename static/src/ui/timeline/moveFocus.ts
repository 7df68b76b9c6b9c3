// Arrows move the focus from message to message; from the last one down it goes on to the text below.

/** Move the focus inside a list of messages; keys inside of fields and menus are theirs. */
export function moveFocus(event: KeyboardEvent): void {
  const row = event.target as HTMLElement;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!row.matches("article[tabindex]")) return;
  const list = event.currentTarget as HTMLElement;
  const rows = [...list.querySelectorAll<HTMLElement>("article[tabindex]")];
  const at = rows.indexOf(row);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (to >= rows.length)
    list.closest("[data-column]")?.querySelector<HTMLElement>(".composer textarea")?.focus();
  else rows[Math.max(0, to)]?.focus();
}
