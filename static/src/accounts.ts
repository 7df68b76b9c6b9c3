// The pages before the chat: their look, and the little that they do by themselves. All of them work without it.
import { t, useLanguage } from "./text/t";
import "./styles/tokens.css";
import "./styles/dark.css";
import "./styles/reset.css";
import "./styles/button.css";
import "./styles/field.css";
import "./styles/accounts.css";

const isKorean = document.documentElement.lang.startsWith("ko");
const passwords = document.querySelectorAll<HTMLInputElement>("input[type=password]");

if (isKorean) import("./styles/fonts-ko").catch(() => undefined);
if (passwords.length > 0) void useLanguage(isKorean ? "ko" : "en").then(() => passwords.forEach(addReveal));
for (const form of document.querySelectorAll<HTMLFormElement>(".account-form:not([data-passkey])"))
  form.addEventListener("submit", lock);
const passkeyForms = document.querySelectorAll<HTMLFormElement>("form[data-passkey]");
if (passkeyForms.length > 0)
  void import("./passkeys").then(({ startPasskeys }) => startPasskeys(passkeyForms));
// A page that comes back from the browser's memory must be usable again.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll(".account-form")) unlock(form);
});

function addReveal(field: HTMLInputElement): void {
  const place = document.createElement("span");
  const button = document.createElement("button");
  place.className = "reveal";
  button.className = "reveal-button";
  button.type = "button";
  button.textContent = t("accounts.show");
  button.setAttribute("aria-controls", field.id);
  button.addEventListener("click", () => {
    const isShown = field.type === "text";
    field.type = isShown ? "password" : "text";
    button.textContent = isShown ? t("accounts.show") : t("accounts.hide");
    field.focus();
  });
  const hadFocus = document.activeElement === field;
  field.replaceWith(place);
  place.append(field, button);
  if (hadFocus) field.focus();
}

// Two presses are one order.
function lock(event: SubmitEvent): void {
  const form = event.currentTarget as HTMLFormElement;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
}

function unlock(form: Element): void {
  form.removeAttribute("data-sent");
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}
