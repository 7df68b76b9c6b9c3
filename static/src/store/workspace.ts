// What the workspace is called, and its picture; another one shows at once.
import { signal } from "@preact/signals";

export interface WorkspaceFace {
  name: string;
  /** An address of this server; null without a picture. */
  logo: string | null;
}

export const workspace = signal<WorkspaceFace>({ name: "", logo: null });
