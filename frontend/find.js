// A list that is searched as one types. Without this file, the button beside the box does it.
const WAIT = 250; // milliseconds after the last key
const LEAST = 2; // letters; fewer fit everybody

export function findAsYouType(form) {
  const box = form.querySelector("[type=search]");
  let timer;
  let asked;

  const find = async () => {
    asked?.abort();
    asked = new AbortController();
    const options = { method: "POST", body: new FormData(form), signal: asked.signal };
    const answer = await fetch(form.action, options).catch(() => null);
    if (!answer?.ok || answer.redirected) {
      return; // the button says what is wrong
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const list = document.getElementById(form.dataset.asYouType);
    const found = page.getElementById(form.dataset.asYouType);
    // Filled after it stands on the page, so that it is read out.
    const said = found.querySelector("[role=status]");
    const words = said.textContent;
    said.textContent = "";
    list.replaceWith(found);
    setTimeout(() => (said.textContent = words), 100);
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.value.trim().length >= LEAST || !box.value) {
      timer = setTimeout(find, WAIT);
    }
  });
}
