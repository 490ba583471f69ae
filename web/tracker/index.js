// The snippet: <script defer data-site="example.com" src=".../js/earshot.js">.
// It stores nothing, loads nothing, waits for nothing. Every byte is counted
// (web/build-tracker.mjs); what it sends is told in docs/snippet.md.
//
// Two files are built of these modules: earshot.js, and earshot-share.js where
// EXTRA is true, for share bars and wishes that most sites don't have.
import { copyEvent, copying } from "./copies.js";
import { keepInBar } from "./bar.js";
import { click, follow } from "./clicks.js";
import { options } from "./options.js";
import { auto, page, report, send, tick, u } from "./events.js";
import { fresh, land, markText, mint, share } from "./share.js";

const stub = self.earshot || 0;

// tried calls what may not be there or may fail: the page goes on either way.
const tried = (call, value) => {
  try {
    return call(value);
  } catch (e) {}
};

const handle = (event) => {
  tick();
  auto(event.persisted);
  if (document.hidden) report();
  if (EXTRA) keepInBar(mint);
  if (!EXTRA && event.clipboardData) copied([getSelection() + ""]);
  if (event.button in [0, 1]) {
    if (EXTRA) fresh();
    event.composedPath().some((element) => tried(click, element));
  }
};

// copied records a share where a text holds this page's address, and puts the
// share's ID into it.
const copied = (args) => {
  if ((!EXTRA || copying) && args[0].split(/[?#\s]/).includes(u.split(/[?#\s]/)[0])) {
    share("copy")();
    if (!EXTRA || copying > 1) args[0] = markText(args[0]);
  }
};

// wrap lets before see and change the arguments of a function of the browser;
// what before returns is called with the function's result.
const wrap = (object, name, before) => {
  const original = object && object[name];
  if (original)
    object[name] = (...args) => {
      const after = tried(before, args);
      const result = original.apply(object, args);
      tried(after, result);
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
  (self.earshot = (name, more) => off || (name == "pageview" ? page : send)(name, more)).l = 1;
  if (!off) {
    land();
    wrap(history, "pushState", () => auto);
    wrap(history, "replaceState", () => auto);
    wrap(self, "open", (args) => {
      args[0] = follow(args[0], "window") || args[0];
    });
    wrap(navigator, "share", (args) => {
      const data = args[0];
      const done = share("native");
      args[0] = { ...data, url: data.url && markText(data.url) };
      if (EXTRA && data.text) args[0].text = markText(data.text);
      return (promise) => promise.then(done, tried);
    });
    wrap(navigator.clipboard, "writeText", copied);
    ((EXTRA ? "keydown " : "") + "copy scroll click pointermove blur auxclick popstate pageshow visibilitychange")
      .split(" ")
      .map((type) => addEventListener(type, handle, 1));
    if (EXTRA) addEventListener("copy", (event) => tried(() => copyEvent(event, copied)));
    auto();
    if (EXTRA) keepInBar(mint);
  }
  (stub.q || []).map((args) => earshot(...args));
}
