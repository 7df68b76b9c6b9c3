// Whose card is open, and beside what.
import { signal } from "@preact/signals";

export interface OpenCard {
  user: number;
  anchor: HTMLElement;
}

export interface OpenGroup {
  group: number;
  anchor: HTMLElement;
}

export const card = signal<OpenCard | null>(null);
export const groupCard = signal<OpenGroup | null>(null);

/** Open the card of somebody beside an element, or close it when it is open there. */
export function toggleCard(user: number, anchor: HTMLElement): void {
  const now = card.value;
  card.value = now?.user === user && now.anchor === anchor ? null : { user, anchor };
}

/** Close whatever card is open. */
export function closeCard(): void {
  card.value = null;
  groupCard.value = null;
}

/** Listen for clicks on names in the text of messages. */
export function startCards(): () => void {
  const press = (event: MouseEvent): void => {
    const mention = (event.target as Element).closest?.<HTMLElement>(".message-body .mention");
    const user = Number(mention?.dataset.user);
    if (mention && Number.isSafeInteger(user) && user > 0) toggleCard(user, mention);
    const group = Number(mention?.dataset.call);
    if (mention && Number.isSafeInteger(group) && group > 0) {
      const now = groupCard.value;
      groupCard.value = now?.group === group && now.anchor === mention ? null : { group, anchor: mention };
    }
  };
  document.addEventListener("click", press);
  return () => document.removeEventListener("click", press);
}
