// <button data-dialog="id"> opens that <dialog>; data-close closes it. In a
// form with data-match="text", the submit button works once the field holds
// that text; the server checks it again.

export function confirmForms() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog).showModal();
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
  });
  for (const form of document.querySelectorAll("form[data-match]")) {
    const field = form.querySelector("input:not([type=hidden])");
    const button = form.querySelector("[type=submit]");
    const check = () => (button.disabled = field.value.trim() !== form.dataset.match);
    field.addEventListener("input", check);
    check();
  }
}
