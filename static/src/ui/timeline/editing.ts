// Which message is being edited; one at a time.
import { signal } from "@preact/signals";

export const editing = signal<number | null>(null);
