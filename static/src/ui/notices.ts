// What the service worker says to the page: a notification was pressed, go there.
import { go } from "./route";

/** Follow it from now on. */
export function startNotices(): () => void {
  const worker = navigator.serviceWorker;
  // None on an address that is not secure.
  if (!worker) return () => undefined;
  const hear = ({ data }: MessageEvent): void => {
    const told = Object(data) as { type?: unknown; path?: unknown };
    if (told.type === "maru.go" && typeof told.path === "string" && isPlace(told.path)) go(told.path);
  };
  worker.addEventListener("message", hear);
  return () => worker.removeEventListener("message", hear);
}

/** Two slashes at the beginning would be another host. */
function isPlace(path: string): boolean {
  return path.startsWith("/") && !path.startsWith("//");
}
