// The page begins: configuration, words, state, connection, screen.
import { effect } from "@preact/signals";
import { render } from "preact";
import { readConfig } from "./net/config";
import { start } from "./net/start";
import { dispatch, mentionTotal, openRoom, state, unreadTotal } from "./store/signals";
import { emptyState } from "./store/state";
import { useLanguage } from "./text/t";
import { showTitle } from "./text/title";
import { App } from "./ui/App";

// A part of the page that a newer deployment has replaced is fetched with the newer page, once.
addEventListener("vite:preloadError", () => {
  const key = "maru-reloaded";
  if (Date.now() - Number(sessionStorage.getItem(key) ?? 0) < 60_000) return;
  sessionStorage.setItem(key, String(Date.now()));
  location.reload();
});

const config = readConfig();
await useLanguage(config.language);
state.value = emptyState(config.user);
const actions = await start(config, () => state.value, dispatch);
effect(() =>
  showTitle(config.workspace, openRoom.value?.state.name ?? null, unreadTotal.value, mentionTotal.value),
);
const place = document.getElementById("app");
if (!place) throw new Error("the page came without a place for the app");
render(<App actions={actions} />, place);
