// A list of tabs that is wider than its place scrolls; the current one should
// not be out of sight.

export function revealCurrent() {
  for (const current of document.querySelectorAll(".sidenav [aria-current], .tabs [aria-current]")) {
    const list = current.parentElement;
    list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2 - list.offsetLeft;
  }
}
