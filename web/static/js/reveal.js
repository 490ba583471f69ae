// A list of tabs that is wider than its place scrolls; the current one should
// not be out of sight.

const revealed = new WeakSet(); // lists

/** revealCurrent scrolls each list once: a page that is on its way calls it early. */
export function revealCurrent() {
  for (const current of document.querySelectorAll(".sidenav [aria-current], .tabs [aria-current]")) {
    const list = current.parentElement;
    if (revealed.has(list)) continue;
    revealed.add(list);
    list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2 - list.offsetLeft;
  }
}
