// A form whose answer takes longer than a moment (a large file, a slow
// network) says so on its button, and can't be sent twice meanwhile.
import { t } from "./strings.js";

const moment = 400; // ms

export function busyForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.busy !== undefined) return event.preventDefault();
    // Whether a script takes the form over is known once all have seen it.
    setTimeout(() => {
      if (event.defaultPrevented || form.method === "dialog") return;
      form.dataset.busy = "";
      setTimeout(() => show(form, event.submitter), moment);
    });
  });
  // A page that comes back from the browser's cache is not busy any more.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-busy]")) {
      delete form.dataset.busy;
      form.removeAttribute("aria-busy");
      form.querySelector(".button-busy")?.classList.remove("button-busy");
    }
  });
}

function show(form, button) {
  if (form.dataset.busy === undefined || !button) return;
  form.setAttribute("aria-busy", "true");
  button.classList.add("button-busy");
  document.querySelector(".toasts")?.append(said());
}

// said is for screen readers; the button shows it to the others.
function said() {
  const text = document.createElement("p");
  text.className = "sr-only";
  text.textContent = t("working");
  return text;
}
