// Who sees to reports, and how many reported messages wait to be seen to by me.
import { signal } from "@preact/signals";
import type { State } from "./state";

export const openReports = signal(0);

/** Whether I see to reports anywhere: I run the workspace, or moderate a room. */
export function moderates({ me, rooms }: Pick<State, "me" | "rooms">): boolean {
  if (me.role === "owner" || me.role === "admin") return true;
  return [...rooms.values()].some(
    ({ state }) => state.kind !== "direct" && (state.role === "owner" || state.role === "moderator"),
  );
}
