// Panels come with the page, each in a data block of its own. When the view
// changes, they fetch their rows together, in one request that says each as soon
// as it is known. Each shows its own state: a skeleton at first, then a picture or
// a table, a sentence where there is nothing, an error in place with a way to try
// again.
import { t } from "../strings.js";
import { drawBars } from "./bars.js";
import { drawCascade } from "./cascade.js";
import { beginCharts, drawChart, drop } from "./chart.js";
import { h, icon } from "./dom.js";
import { drawKPIs } from "./kpis.js";
import { drawLoop } from "./loop.js";
import { drawTable } from "./table.js";
import { MOST } from "./tree.js";

const drawers = { figures: drawKPIs, bars: drawBars, table: drawTable, loop: drawLoop, cascade: drawCascade };

/** Panels are all panels of the page. go(url) follows a click inside one. */
export class Panels {
  constructor(go) {
    this.go = go;
    this.states = new Map(); // panel body → {data, asTable, whole, asking}
    this.all = null; // what ends the request for all panels
    this.page = { leave() {} }; // the page itself, as what answers panels
    this.left = false; // the view is another than the page's
  }

  /** arrive takes a data block of the page; one inside a card is the card's last child. */
  arrive(block) {
    const card = block.closest("[data-card]");
    const body = document.getElementById(`panel-${block.dataset.answer}`);
    if (card) {
      this.#card(card);
      if (this.left) return void this.#load(body, false);
      this.#ask(body, this.page);
    }
    const text = block.textContent.trim();
    if (text) this.#show(body, this.page, false, () => fine(JSON.parse(text)));
  }

  /** arrived says that the page brings no more: what it lacks is fetched. */
  arrived() {
    this.load({ only: (body) => this.#state(body).asking === this.page });
    beginCharts();
  }

  /** load fetches all visible panels anew; resolves when they are drawn. */
  load({ only, quiet = false } = {}) {
    this.left = true;
    const bodies = [...document.querySelectorAll("[data-panel]")].filter((b) => !b.hidden && (!only || only(b)));
    const apart = (b) => bodies.length === 1 || this.#state(b).whole;
    const together = bodies.filter((b) => !apart(b));
    return Promise.all([...bodies.filter(apart).map((b) => this.#load(b, quiet)), together.length && this.#loadAll(together, { quiet, anew: !only })]);
  }

  /** stale marks hidden panels, so that they load when they are shown. */
  stale() {
    for (const [body, state] of this.states) if (body.hidden) state.data = null;
  }

  #state(body) {
    if (!this.states.has(body)) this.states.set(body, { data: null, asTable: false, whole: false, asking: null });
    return this.states.get(body);
  }

  // What a panel asks for now: an answer to anything before comes too late.
  #ask(body, asking, quiet) {
    const state = this.#state(body);
    state.asking?.leave(body);
    state.asking = asking;
    if (!quiet) body.setAttribute("aria-busy", "true");
    return state;
  }

  async #load(body, quiet) {
    const abort = new AbortController();
    const asking = { leave: () => abort.abort() };
    const state = this.#ask(body, asking, quiet);
    await this.#show(body, asking, quiet, () => fetchJSON(address(body, state), abort.signal));
  }

  async #loadAll(bodies, { quiet, anew }) {
    if (anew) this.all?.abort();
    const abort = new AbortController();
    if (anew) this.all = abort;
    const waiting = new Map(bodies.map((b) => [b.dataset.panel, b]));
    const asking = {
      leave: (body) => {
        waiting.delete(body.dataset.panel);
        if (!waiting.size) abort.abort();
      },
    };
    for (const b of bodies) this.#ask(b, asking, quiet);
    const drawn = [];
    const show = (body, answer) => drawn.push(this.#show(body, asking, quiet, answer));
    try {
      await fetchLines(allOf(bodies), abort.signal, (id, answer) => {
        const body = waiting.get(id);
        waiting.delete(id);
        if (body) show(body, async () => fine(answer));
      });
      if (waiting.size) throw new Error("the answer ended too soon");
    } catch (error) {
      if (!abort.signal.aborted) for (const b of waiting.values()) show(b, async () => { throw error; });
    }
    await Promise.all(drawn);
  }

  async #show(body, asking, quiet, answer) {
    const state = this.#state(body);
    try {
      const data = await answer();
      if (state.asking !== asking) return;
      state.data = data;
      this.#draw(body);
    } catch (error) {
      if (state.asking !== asking) return;
      // A refresh that fails behind the reader's back leaves the picture.
      if (!(quiet && state.data)) this.#fail(body, error);
    }
    if (state.asking !== asking) return;
    state.asking = null;
    body.removeAttribute("aria-busy");
    if (!document.querySelector('[data-kind="figures"][aria-busy]')) beginCharts();
  }

  #draw(body) {
    const { data, asTable } = this.#state(body);
    const frame = held(body);
    if (!data.rows.length && !data.figures) {
      drop(body);
      body.replaceChildren(h("div", { class: "empty" }, icon("empty"), h("p", null, data.empty.text),
        data.empty.link && h("a", { class: "button button-small", href: data.empty.link }, data.empty.label)));
    } else if (asTable || drawers[data.kind]) {
      drop(body);
      (asTable ? drawTable : drawers[data.kind])(body, data);
    } else {
      drawChart(body, data, { go: this.go, fail: (error) => this.#fail(body, error) });
    }
    frame();
    this.#dress(body, data);
  }

  // The card's title, tools and notes speak of the panel that it shows.
  #dress(body, data) {
    const card = body.closest("[data-card]");
    if (body.hidden) return;
    const title = card.querySelector("[data-title]");
    if (title) title.textContent = data.title;
    const csv = card.querySelector("[data-csv]");
    csv.href = data.csv;
    csv.setAttribute("aria-label", t("dash.csv_of", { title: data.title }));
    const toggle = card.querySelector("[data-as-table]");
    if (toggle) {
      toggle.hidden = data.kind === "table" || data.kind === "figures" || !data.rows.length;
      toggle.setAttribute("aria-pressed", String(this.#state(body).asTable));
      toggle.setAttribute("aria-label", t("dash.table_of", { title: data.title }));
    }
    const notes = card.querySelector("[data-notes]");
    notes.replaceChildren(...[this.#more(body, data), ...(data.notes || []).map((n) =>
      h("p", { class: n.lead ? "panel-lead" : null }, n.link ? h("a", { href: n.link, rel: "noopener" }, n.text) : n.text))].filter(Boolean));
  }

  // A list that was cut says so, and gives the rest when asked.
  #more(body, data) {
    // More of a tree than is drawn could not be read.
    if (data.kind === "cascade") return data.total > MOST ? h("p", null, t("dash.cascade.bounded", { shown: MOST, total: data.total })) : null;
    if (data.kind !== "bars" && data.kind !== "table") return null;
    if (data.total <= data.rows.length) return null;
    const show = async () => {
      this.#state(body).whole = true;
      await this.#load(body, false);
      body.querySelector("a, [tabindex]")?.focus();
    };
    return h("p", { class: "panel-more" },
      t("dash.shown", { shown: data.rows.length, total: data.total }), " ",
      h("button", { class: "linklike", type: "button", onclick: show }, t("dash.show_all")));
  }

  #fail(body, error) {
    drop(body);
    body.replaceChildren(h("div", { class: "empty", role: "alert" },
      icon("error"),
      h("p", null, error.sentence || t("dash.unreachable")),
      h("button", { class: "button button-small", type: "button", onclick: () => this.#load(body, false) }, t("dash.retry"))));
  }

  #card(card) {
    const tabs = [...card.querySelectorAll('[role="tab"]')];
    const show = (tab) => {
      for (const other of tabs) {
        const on = other === tab;
        other.setAttribute("aria-selected", String(on));
        other.tabIndex = on ? 0 : -1;
        document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
      }
      const body = document.getElementById(tab.getAttribute("aria-controls"));
      const { data } = this.#state(body);
      if (data) this.#dress(body, data);
      else this.#load(body, false);
    };
    for (const [i, tab] of tabs.entries()) {
      tab.addEventListener("click", () => show(tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = tabs[(i + step + tabs.length) % tabs.length];
        next.focus();
        show(next);
        event.preventDefault();
      });
    }
    card.querySelector("[data-as-table]")?.addEventListener("click", () => {
      const body = card.querySelector("[data-panel]:not([hidden])");
      const state = this.#state(body);
      state.asTable = !state.asTable;
      if (state.data) this.#draw(body);
    });
  }
}

function address(body, state) {
  const params = new URLSearchParams(location.search);
  if (state.whole) params.set("limit", "all");
  return `${body.dataset.src}.json${params.size ? "?" + params : ""}`;
}

// allOf is the address of several panels.
function allOf(bodies) {
  const params = new URLSearchParams(location.search);
  params.set("panels", bodies.map((b) => b.dataset.panel).join());
  return `${bodies[0].dataset.src.replace(/[^/]+$/, "panels.json")}?${params}`;
}

// held keeps the focus on the same link while a panel is drawn anew.
function held(body) {
  const link = body.contains(document.activeElement) && document.activeElement.closest("a");
  const [text, metric] = link ? [link.textContent, link.dataset.metric] : [];
  return () => {
    if (!link || body.contains(document.activeElement)) return;
    [...body.querySelectorAll("a")].find((a) => (metric ? a.dataset.metric === metric : a.textContent === text))?.focus();
  };
}

/** fetchJSON throws an Error whose sentence is for the reader. */
export async function fetchJSON(url, signal) {
  return (await ask(url, signal)).json();
}

/** fetchLines gives each panel's answer of panels.json as it comes: {"panels":{, then one a line. */
async function fetchLines(url, signal, each) {
  const lines = (await ask(url, signal)).body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await lines.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf("\n")) >= 0; text = text.slice(end + 1)) {
      const line = text.slice(0, end).replace(/^,/, "");
      if (line.startsWith('"')) for (const [id, answer] of Object.entries(JSON.parse(`{${line}}`))) each(id, answer);
    }
  }
}

async function ask(url, signal) {
  const response = await fetch(url, { signal, headers: { Accept: "application/json" } });
  if (response.ok && !response.redirected) return response;
  const error = new Error(`${response.status} for ${url}`);
  if (response.redirected || response.status === 401) error.sentence = t("dash.signed_out");
  else if (response.headers.get("Content-Type")?.includes("json")) error.sentence = (await response.json()).error;
  throw error;
}

// fine is a panel's answer, unless it is an error.
function fine(answer) {
  if (!answer?.error) return answer;
  throw Object.assign(new Error(answer.error), { sentence: answer.error });
}
