// Short messages at the corner. The region is in the layout from the start,
// with aria-live, so that screen readers say what is put into it.

const lifetime = 6000;

export function toast(text, { bad = false } = {}) {
  const region = document.querySelector(".toasts");
  const template = document.querySelector("#toast");
  const item = template.content.firstElementChild.cloneNode(true);
  item.classList.toggle("toast-bad", bad);
  item.querySelector("span").textContent = text;
  region.append(item);
  fade(item);
}

// toasts takes away those that came with the page.
export function toasts() {
  document.querySelectorAll(".toasts > .toast").forEach(fade);
}

function fade(item) {
  setTimeout(() => item.remove(), lifetime);
}
