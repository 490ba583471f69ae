// Trying a form without leaving the page. A button with data-swap="#form"
// sends its form in the background and puts the answer's #form in the place of
// the page's. What was typed into password fields stays: it is never sent
// back. Without a script the form just goes.

export function swapForms() {
  document.addEventListener("submit", send);
}

async function send(event) {
  const button = event.submitter;
  const target = button?.dataset.swap;
  if (!target || event.defaultPrevented) return;
  event.preventDefault();
  const form = event.target;
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  button.classList.add("button-busy");
  try {
    const body = new URLSearchParams(new FormData(form));
    body.set(button.name, button.value);
    const answer = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(target);
    if (answer.redirected || !fresh) {
      location.assign(answer.url);
      return;
    }
    for (const field of form.querySelectorAll("input[type=password]")) {
      const same = fresh.querySelector(`input[name="${field.name}"]`);
      if (same) same.value = field.value;
    }
    form.replaceWith(document.adoptNode(fresh));
    document.querySelector(`${target} [data-swap]`)?.focus();
  } catch {
    button.disabled = false;
    button.classList.remove("button-busy");
    form.removeAttribute("aria-busy");
  }
}
