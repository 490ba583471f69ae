// Asking before what can't be undone. A button with data-confirm="question"
// opens the page's <dialog id="confirm"> first; without a script the form just
// goes. In a form with data-match="text", the submit button works once the
// field holds that text; the server checks it again.

export function confirmForms() {
  document.addEventListener("submit", ask);
  for (const form of document.querySelectorAll("form[data-match]")) {
    const field = form.querySelector("input:not([type=hidden])");
    const button = form.querySelector("[type=submit]");
    const check = () => (button.disabled = field.value.trim().toLowerCase() !== form.dataset.match);
    field.addEventListener("input", check);
    check();
  }
}

function ask(event) {
  const button = event.submitter;
  const dialog = document.querySelector("#confirm");
  if (!button?.dataset.confirm || !dialog || dialog.returnValue === "yes") return;
  event.preventDefault();
  dialog.querySelector("p").textContent = button.dataset.confirm;
  dialog.querySelector("[value=yes]").textContent = button.getAttribute("aria-label") ?? button.textContent;
  dialog.showModal();
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue === "yes") event.target.requestSubmit(button);
      dialog.returnValue = "";
    },
    { once: true },
  );
}
