// Enhances pages that all work without it.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "govuk-frontend";
import { findAsYouType } from "./find.js";
import { keepTyping } from "./unsent.js";

for (const component of [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
]) {
  createAll(component);
}

// What is typed into a form is kept on the server until it is sent, so that no crash loses it.
for (const form of document.querySelectorAll("main[data-keep] form[method=post]")) {
  keepTyping(form);
}

for (const form of document.querySelectorAll("[data-as-you-type]")) {
  findAsYouType(form);
}

// A print button does nothing without a script, so a script shows it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A page that follows long work asks again, after this many milliseconds, until it is done.
const follow = document.querySelector("[data-follow]");
if (follow) {
  setTimeout(() => window.location.reload(), Number(follow.dataset.follow));
}
