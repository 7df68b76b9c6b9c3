// The page begins: configuration, words, state, connection, screen.
import { effect } from "@preact/signals";
import { render } from "preact";
import { readConfig } from "./net/config";
import type { ActionError } from "./net/error";
import { isReplaced } from "./net/replaced";
import { keepShell } from "./net/shell";
import { start } from "./net/start";
import { dispatch, mentionTotal, openRoom, state, unreadTotal } from "./store/signals";
import { emptyState } from "./store/state";
import { useLanguage } from "./text/t";
import { showTitle } from "./text/title";
import { App } from "./ui/App";
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
await useLanguage(kept ?? config.language);
state.value = emptyState(config.user);
const actions = await start(config, () => state.value, dispatch);
if (kept) {
  const told = (): void => forgetLanguage(config.user.id, kept);
  actions.updateMe({ language: kept }).then(told, (error: ActionError) => !error.retry && told());
}
effect(() =>
  showTitle(config.workspace, openRoom.value?.state.name ?? null, unreadTotal.value, mentionTotal.value),
);
const ring = (): void => {
  import("./ui/bell/startBell").then(
    ({ startBell }) => startBell(actions),
    () => setTimeout(ring, BELL_AGAIN_MS),
  );
};
// After everything that somebody waits for.
const stopWaiting = effect(() => {
  if (!state.value.synced) return;
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
