// The snippet: <script defer data-site="example.com" src=".../js/earshot.js">.
// It stores nothing, loads nothing, waits for nothing. Every byte is counted
// (web/build-tracker.mjs); what it sends is told in docs/snippet.md.
//
// Two files are built of these modules: earshot.js, and earshot-share.js where
// EXTRA is true, for share bars and wishes that most sites don't have.
import { copied, copyEvent } from "./copies.js";
import { keepInBar } from "./bar.js";
import { click, pressed } from "./clicks.js";
import { network, wanted } from "./networks.js";
import { auto, report, send, tick, tidied } from "./events.js";
import { options, script, tried } from "./options.js";
import { fresh, land, mark, markText, mint, share } from "./share.js";

const handle = (event) => {
  event.persisted ?? tick();
  auto(event.persisted);
  if (document.hidden) report();
  if (EXTRA) keepInBar(mint);
  if (!EXTRA && event.clipboardData) copied([getSelection()])?.();
  if (event.button in [0, 1]) {
    if (EXTRA && event.detail < 2) fresh();
    const path = event.composedPath();
    path.some((element) => tried(() => click(element))) || (EXTRA && pressed(path));
  }
};

// wrap lets before see and change the arguments of a function of the browser;
// what before returns is called afterwards, and not where a promise is refused.
const wrap = (object, name, before) =>
  tried(() => {
    const original = object[name].bind(object);
    object[name] = (...args) => {
      const after = tried(before, args);
      const result = original(...args);
      result?.then?.(after, tried) || tried(after);
      return result;
    };
  });

// off: nothing says where to send, the reader or the site opted out, a machine
// reads, or the page is on its author's own computer or in a frame.
const off = () =>
  !(script || options.endpoint || console.warn("earshot: no data-site")) ||
  options.optOut ||
  (!("local" in options) && (navigator.webdriver || !/\.\D/.test(location.hostname))) ||
  (options.respect != "off" && (navigator.globalPrivacyControl || navigator.doNotTrack == 1)) ||
  (top != self && !("frames" in options));

// start watches the page, and returns what window.earshot does from then on.
const start = () => {
  tried(land);
  ((EXTRA ? "keydown " : "") + "pointermove copy blur visibilitychange scroll click pageshow auxclick popstate")
    .split(" ")
    .map((type) => addEventListener(type, (event) => tried(() => handle(event)), 1));
  if (EXTRA) addEventListener("copy", (event) => tried(copyEvent, event));
  auto();
  if (EXTRA) keepInBar(mint);
  wrap(history, "replaceState", () => tidied);
  wrap(navigator, "share", (args) => {
    const done = share("native");
    const data = (args[0] = { ...args[0] });
    if (data.url) data.url = markText(data.url);
    if (EXTRA && data.text) data.text = markText(data.text);
    return done;
  });
  wrap(self, "open", (args) => {
    const name = network(args[0]);
    if (EXTRA ? name && wanted(name) : name) {
      share(name, "window")();
      args[0] = mark(args[0] + "");
    }
  });
  wrap(history, "pushState", () => auto);
  wrap(navigator.clipboard, "writeText", copied);
  options.q?.map((args) => send(...args));
  return send;
};

tried(() => options.l || ((self.earshot = off() ? tried : start()).l = 1));
