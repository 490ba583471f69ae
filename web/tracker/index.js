// The snippet: <script defer data-site="example.com" src=".../js/earshot.js">.
// It stores nothing, loads nothing, waits for nothing. Every byte is counted
// (web/build-tracker.mjs); what it sends is told in docs/snippet.md.
import { options } from "./options.js";
import { click, follow } from "./clicks.js";
import { report, tick } from "./engagement.js";
import { auto, page, send, u } from "./events.js";
import { land, markText, share } from "./share.js";

const stub = window.earshot || 0;

const handle = (event) => {
  tick();
  if (document.hidden) report();
  auto(event.persisted);
  if (event.type == "copy") copied([getSelection() + ""]);
  if (/k$/.test(event.type) && event.button < 2) click(event);
};

// copied records a share where a text holds this page's address, and puts the
// share's ID into it.
const copied = (args) => {
  if ((args[0] + "").split(/[?#\s]/).includes(u.split(/[?#\s]/)[0])) {
    share("copy", "copy")();
    args[0] = markText(args[0]);
  }
};

// wrap lets before see and change the arguments of a function of the browser;
// what before returns is called with the function's result.
const wrap = (object, name, before) => {
  const original = object && object[name];
  if (original)
    object[name] = (...args) => {
      const after = before(args);
      const result = original.apply(object, args);
      if (after) after(result);
      return result;
    };
};

// off: the reader or the site opted out, a machine reads, or the page is on its
// author's own computer. Then nothing below runs.
const off =
  stub.optOut ||
  (options.respect != "off" && (navigator.globalPrivacyControl || navigator.doNotTrack == 1)) ||
  (!("local" in options) && (navigator.webdriver || !/\.\D/.test(location.hostname)));

if (!stub.l) {
  (window.earshot = (name, more) => off || (name == "pageview" ? page : send)(name, more)).l = 1;
  if (!off) {
    land();
    wrap(history, "pushState", () => auto);
    wrap(history, "replaceState", () => auto);
    wrap(window, "open", (args) => {
      args[0] = follow(args[0], "window") || args[0];
    });
    wrap(navigator, "share", (args) => {
      const done = share("native", "native");
      args[0] = { ...args[0], url: args[0].url && markText(args[0].url) };
      return (promise) => promise.then(done, () => {});
    });
    wrap(navigator.clipboard, "writeText", copied);
    "click auxclick copy scroll pointermove blur popstate pageshow visibilitychange"
      .split(" ")
      .map((type) => addEventListener(type, handle, 1));
    auto();
  }
  (stub.q || []).map((args) => earshot(...args));
}
