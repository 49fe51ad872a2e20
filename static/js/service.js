// Enhances the GOV.UK components; every page works without this.
import { initAll } from "./govuk-frontend.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// A print button does nothing without a script, so a script shows it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A page that follows long work asks again until it is done.
const follow = document.querySelector("[data-follow]");
if (follow) {
  setTimeout(() => window.location.reload(), Number(follow.dataset.follow));
}
