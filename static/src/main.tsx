// The page begins: configuration, words, state, connection, screen.
import { effect } from "@preact/signals";
import { render } from "preact";
import { readConfig } from "./net/config";
import type { ActionError } from "./net/error";
import { isReplaced } from "./net/replaced";
import { keepShell } from "./net/shell";
import { start } from "./net/start";
import { dispatch, mentionTotal, openRoom, state, threadTotal, unreadTotal } from "./store/signals";
import { emptyState } from "./store/state";
import { workspace } from "./store/workspace";
import { useLanguage } from "./text/t";
import { showTitle } from "./text/title";
import { App } from "./ui/App";
import { isPhoneWide } from "./ui/layout";
import { forgetLanguage, keptLanguage } from "./ui/remembered";

// A part of the page that a newer deployment has replaced is fetched with the newer page, once; one that was
// missed on the way is asked for again where it is needed.
addEventListener("vite:preloadError", () => {
  const key = "maru-reloaded";
  if (Date.now() - Number(sessionStorage.getItem(key) ?? 0) < 60_000) return;
  const entry = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  if (!entry) return;
  void isReplaced(new URL(entry.src).pathname).then((isSo) => {
    if (!isSo) return;
    sessionStorage.setItem(key, String(Date.now()));
    location.reload();
  });
});

const SHELL_MS = 4_000;
const BELL_AGAIN_MS = 30_000;

const config = readConfig();
const kept = keptLanguage(config.user.id);
state.value = emptyState(config.user);
workspace.value = { name: config.workspace, logo: config.logo };
// Nobody waits for the words to connect, nor for the connection to read.
const [actions] = await Promise.all([
  start(config, () => state.value, dispatch, isPhoneWide),
  useLanguage(kept ?? config.language),
]);
if (kept) {
  const told = (): void => forgetLanguage(config.user.id, kept);
  actions.updateMe({ language: kept }).then(told, (error: ActionError) => !error.retry && told());
}
effect(() =>
  showTitle(
    workspace.value.name,
    openRoom.value?.state.name ?? null,
    unreadTotal.value,
    mentionTotal.value + threadTotal.value,
  ),
);
const ring = (): void => {
  import("./ui/bell/startBell").then(
    ({ startBell }) => startBell(actions),
    () => setTimeout(ring, BELL_AGAIN_MS),
  );
};
// After everything that somebody waits for.
const stopWaiting = effect(() => {
  const timeline = openRoom.value?.timeline;
  if (!state.value.synced || (timeline && !timeline.loaded && !timeline.failed)) return;
  queueMicrotask(() => stopWaiting());
  const later = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, SHELL_MS));
  later(
    () => {
      void keepShell();
      ring();
    },
    { timeout: SHELL_MS },
  );
});
const place = document.getElementById("app");
if (!place) throw new Error("the page came without a place for the app");
render(<App actions={actions} />, place);
