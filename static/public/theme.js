// Runs before the first paint, so that a chosen theme never flashes. The page itself changes it in the settings.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("maru.theme") ?? "system";
  } catch {
    // No storage (private window): the system decides.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const chosen = document.documentElement.dataset.themeChoice;
    const isDark = chosen === "dark" || (chosen !== "light" && dark.matches);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
  };
  document.documentElement.dataset.themeChoice = choice;
  show();
  dark.addEventListener("change", show);
  document.addEventListener("maru:theme", show);
})();
