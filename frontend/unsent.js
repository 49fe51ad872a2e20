// Keeps what is typed into a form on the server until the form is sent.
const TYPED = "textarea, input[type=text], input[type=email], input:not([type])";
// Secrets, searches, and forms that ask not to be kept.
const NOT_KEPT = "[type=password], [autocomplete=one-time-code]";

export async function keepTyping(form) {
  const notKept = form.matches("[role=search], [data-keep=no]") || form.querySelector(NOT_KEPT);
  if (notKept || !form.querySelector(TYPED)) {
    return;
  }
  const page = address(form);
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const send = (what, options = {}) =>
    fetch("/unsent/", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ page, ...what }),
      ...options,
    });
  const typed = () => {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken") {
        (fields[name] ??= []).push(value);
      }
    }
    return fields;
  };
  const said = document.createElement("p");
  said.className = "govuk-hint";
  said.setAttribute("role", "status");
  form.append(said);

  let timer;
  let waiting = false;
  const keep = async (options) => {
    clearTimeout(timer);
    waiting = false;
    try {
      const answer = await send({ fields: typed() }, options);
      said.textContent = answer.ok ? "What you have typed is kept." : "";
    } catch {
      said.textContent = "No connection: what you type is not being kept.";
    }
  };
  form.addEventListener("input", () => {
    waiting = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 700);
  });
  // Leaving with words not yet kept; sending the form makes them needless.
  form.addEventListener("submit", () => {
    waiting = false;
    clearTimeout(timer);
  });
  window.addEventListener("pagehide", () => waiting && keep({ keepalive: true }));

  // A page that shows an error has the words already.
  if (document.querySelector(".govuk-error-summary")) {
    return;
  }
  const answer = await send({});
  const kept = answer.ok ? await answer.json() : {};
  if (kept.fields) {
    fill(form, kept.fields);
    form.closest("details")?.setAttribute("open", "");
    const forget = document.createElement("button");
    forget.type = "button";
    forget.className = "govuk-button govuk-button--secondary";
    forget.textContent = "Start afresh";
    forget.addEventListener("click", async () => {
      await send({ forget: true });
      window.location.reload();
    });
    const note = document.createElement("div");
    note.className = "govuk-inset-text";
    note.setAttribute("role", "status");
    note.append(`This is what you had typed on ${kept.saved} and not sent. `, forget);
    form.prepend(note);
  }
}

// Where the form is sent; `data-apart` names the field that sets it apart from others sent there.
function address(form) {
  const path = new URL(form.getAttribute("action") || "", window.location).pathname;
  const { apart } = form.dataset;
  return apart ? `${path}?${new URLSearchParams({ [apart]: form.elements[apart].value })}` : path;
}

function fill(form, fields) {
  for (const control of form.elements) {
    if (!control.name || control.type === "submit" || control.name === "csrfmiddlewaretoken") {
      continue;
    }
    const values = fields[control.name] ?? [];
    if (control.type === "checkbox" || control.type === "radio") {
      control.checked = values.includes(control.value);
    } else if (values.length) {
      control.value = values[0];
    }
  }
}
