// The browser's own side of notifications.
import type { PushBrowser } from "./push";

const WORKER = "/worker.js";

/** This browser, for one person: another one who signs in here has not asked to be told here. */
export function pushBrowserOf(user: number): PushBrowser {
  const key = `maru.push.${user}`;
  return {
    isSupported: "serviceWorker" in navigator && "PushManager" in window && "Notification" in window,
    permission: () => Notification.permission,
    askPermission: () => Notification.requestPermission(),
    register: async () => {
      await navigator.serviceWorker.register(WORKER, { scope: "/" });
      return navigator.serviceWorker.ready;
    },
    kept: () => {
      const found = Number(read(key));
      return Number.isSafeInteger(found) && found > 0 ? found : null;
    },
    keep: (id) => write(key, id),
  };
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, id: number | null): void {
  try {
    if (id === null) localStorage.removeItem(key);
    else localStorage.setItem(key, String(id));
  } catch {
    // Without storage the switch is off again after a reload.
  }
}
