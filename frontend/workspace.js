// A review's statements dealt with in their place. Without this file each link is a page of its own.
import htmx from "htmx.org";
import { ErrorSummary, createAll } from "govuk-frontend";
import { keepTyping } from "./unsent.js";

htmx.config.timeout = 20000;
const review = window.location.pathname;
let pressed;
let besides = false;

// The next statement to look at, so that one key goes through the record.
function nextToConfirm(after) {
  return [...document.querySelectorAll("[data-still-true]")].find(
    (button) => after.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
}

function showPhrases(part) {
  for (const button of part.querySelectorAll("[data-phrase]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const words = button.closest("form").querySelector("textarea");
      words.value = [words.value.trim(), button.dataset.phrase].filter(Boolean).join(" ");
      words.dispatchEvent(new Event("input", { bubbles: true }));
      words.focus();
    });
  }
}

// Where the person goes on: at what is wrong, in the form that opened, at the next, at what they did.
function goOn(part) {
  const wrong = part.querySelector(".govuk-error-summary");
  const typed = part.matches(".lr-line--open") && part.querySelector("textarea, input:not([type=hidden])");
  const next = pressed === "still true" && nextToConfirm(part);
  (wrong || typed || next || part).focus();
}

showPhrases(document);

// What changes elsewhere on the page does not take the person there.
document.addEventListener("htmx:oobBeforeSwap", () => (besides = true));
document.addEventListener("htmx:oobAfterSwap", () => setTimeout(() => (besides = false)));

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  pressed = target.querySelector?.("[data-still-true]") ? "still true" : "";
  target.querySelector(".lr-not-saved")?.remove();
});

document.addEventListener("htmx:load", ({ detail: { elt: part } }) => {
  if (part === document.body || !part.matches("li, section, form")) {
    return;
  }
  createAll(ErrorSummary, {}, part);
  part.querySelectorAll("form[method=post]").forEach(keepTyping);
  showPhrases(part);
  if (!besides) {
    goOn(part);
  }
});

// Signed out meanwhile: the page asks to sign in and comes back, with what was typed kept.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { pathname } = new URL(detail.xhr.responseURL);
  if (!pathname.startsWith(review)) {
    detail.shouldSwap = false;
    window.location.reload();
  }
});

for (const event of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(event, ({ target, detail }) => {
    const said = document.createElement("p");
    said.className = "govuk-error-message lr-not-saved";
    said.setAttribute("role", "alert");
    said.textContent = detail.xhr?.status
      ? "This was not saved. Your words are still here: load the page again and send them."
      : "This was not saved: there is no connection. Your words are still here. Try again.";
    target.append(said);
  });
}
