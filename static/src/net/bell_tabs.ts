// The browser's side of the bell: its other tabs, and whether somebody looks at this one.
import type { BellOptions, Glance } from "./bell";

/** The other tabs of one user in this browser. */
export function glancesOf(user: number): BellOptions["tabs"] {
  const channel = new BroadcastChannel(`maru-glance-${user}`);
  return {
    tell: (glance) => channel.postMessage(glance),
    listen: (hear) => {
      channel.onmessage = ({ data }) => hear(data as Glance);
    },
  };
}

/** Whether this tab is in front and has the keyboard. */
export function isLookedAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
