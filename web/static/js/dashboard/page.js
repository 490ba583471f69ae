// The view stands in the URL: period, comparison, filters, figure. A link
// marked data-nav changes it without leaving the page: the URL goes to the
// history, the frame (periods, filters) comes from the server, which alone
// knows the grammar, and the panels load anew. Without this script the same
// links work as links.
import { t } from "../strings.js";

// withFilter adds a form's filter to the URL: one CSV record a filter.
function withFilter(form) {
  const fields = new FormData(form);
  const cell = (text) => (/[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const params = new URLSearchParams(location.search);
  params.append("f", ["how", "what", "value"].map((name) => cell(fields.get(name).trim())).join());
  return params;
}

/** Page follows links and the back button. */
export class Page {
  constructor(id) {
    this.id = id; // of the frame
    this.shown = new URL(location);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-nav]");
      if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.go(link.href, { figure: link.dataset.nav !== "row" });
    });
    document.addEventListener("submit", (event) => {
      const form = event.target.closest("form[data-nav], form[data-filter]");
      if (!form) return;
      event.preventDefault();
      form.closest("dialog")?.close();
      this.go("?" + ("filter" in form.dataset ? withFilter(form) : new URLSearchParams(new FormData(form))));
    });
    document.addEventListener("change", (event) => {
      if (event.target.matches("select[data-go]")) this.go(event.target.value);
    });
    addEventListener("popstate", () => this.#show());
  }

  get frame() {
    return document.getElementById(this.id);
  }

  /**
   * go changes the view to a URL of this dashboard. Links of rows (figure
   * false) were made before the reader chose a figure: they keep the present one.
   */
  go(url, { figure = true } = {}) {
    const to = new URL(url, location);
    if (!figure) {
      const metric = new URLSearchParams(location.search).get("metric");
      if (metric) to.searchParams.set("metric", metric);
      else to.searchParams.delete("metric");
    }
    if (to.pathname !== location.pathname) return location.assign(to);
    if (to.search === location.search) return;
    history.pushState(null, "", to);
    this.#show();
  }

  /** onchange is told whether more changed than the figure on the main chart. */
  onchange = async (_figureOnly) => {};

  async #show() {
    const rest = (u) => {
      const p = new URLSearchParams(u.search);
      p.delete("metric");
      return p.toString();
    };
    const before = this.shown;
    this.shown = new URL(location);
    await Promise.all([this.onchange(rest(before) === rest(this.shown)), this.#swap()]);
  }

  async #swap() {
    const url = location.href;
    const response = await fetch(url, { headers: { Accept: "text/html", "Earshot-Part": "frame" } }).catch(() => null);
    if (url !== location.href) return; // the reader has moved on
    if (!response?.ok) return location.reload();
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(this.id);
    // Another subject has other panels and another heading.
    const subject = (frame) => frame.querySelector("[data-view]").dataset.subject;
    if (!fresh || subject(fresh) !== subject(this.frame)) return location.reload();
    const focused = this.frame.contains(document.activeElement) && document.activeElement.id;
    this.frame.replaceChildren(...fresh.childNodes);
    document.title = page.title;
    if (focused) document.getElementById(focused)?.focus();
    document.getElementById("said").textContent = t("dash.showing", { view: this.frame.querySelector("[data-view]").dataset.view });
  }
}
