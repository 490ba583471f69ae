// A share: an ID goes out with the link, and an event says that it went.
//
// An ID is its generation in base 36 (1 = the sharer didn't come through a
// share), then nine random letters and digits. It names an act of sharing, never a
// person, and is kept in this page's memory only.
import { plain, returned } from "./bar.js";
import { send, u } from "./events.js";
import { options, param, tried } from "./options.js";

// id is the ID of the share begun last.
export let id;
let parent = "", busy, clicked;

const gesture = /k$|but/; // link and button, the kinds of a click

// share begins an act of sharing and gives it an ID; the function returned
// says that it took place, and which page was shared. The same network again within a second is the same
// act seen twice, as a click and as the window that it opens. With EXTRA, so is
// whatever a click leads to, under any name.
export const share = (n, k = n) => {
  if (EXTRA) {
    if (busy && clicked && !gesture.test(k)) n = busy;
    if (n == busy) return tried;
    clicked = gesture.test(k);
  }
  if (n != busy)
    id = ((parseInt(parent[0] || 0, 36) + 1 + Math.random()) * 36 ** 9).toString(36).slice(0, 10);
  return (page = u) => {
    if (n != busy) send("share", { sh: { p: parent, n, i: id, k }, u: page });
    busy = n;
    setTimeout(() => (busy = 0), 1e3);
  };
};

// mint makes an ID for what is no act of sharing yet, with its parent's behind
// it, and leaves the one that may be going on alone.
export const mint = () => {
  const going = [id, busy, clicked];
  busy = 0;
  share("bar");
  const made = id[0] + "_" + id.slice(2) + parent;
  [id, busy, clicked] = going;
  return made;
};

// fresh says that a click of its own begins.
export const fresh = () => (busy = clicked = 0);

// mark puts the ID of the share begun last into each address of this site
// inside another address: in a parameter, in a text, in a fragment. It is
// percent-encoded there; so is what is put in. An address ends before a space,
// a quote, an angle bracket, its fragment, and a sentence's full stop.
export const mark = (text) =>
  text.includes(id)
    ? text
    : (EXTRA ? plain(text) : text).replace(
        RegExp("[/F]" + location.hostname + "((?!%(0|2[023]|3[CE]))[^\\s&#+])*\\b/?", "gi"),
        EXTRA
          ? (url, last, escape, at, all) => url + sign(url, all.slice(at + url.length)) + param + "=" + id
          : (url) => url + (/\?|%3F/i.test(url) ? "%26" : "%3F") + param + "=" + id,
      );

// sign begins what is added to an address: with data-place="fragment" a
// fragment, unless one follows.
const sign = (url, rest) => (options.place == "fragment" && !/^(#|%23)/.test(rest) ? "%23" : /\?|%3F/i.test(url) ? "%26" : "%3F");

// markText does the same in a plain text.
export const markText = (text) => decodeURIComponent(mark(encodeURIComponent(text)));

// land reads the share that brought this reader and takes it out of the
// address bar, so that a copied address does not pass for that share. The "&"
// before it may have been escaped twice on the way: "&amp;es=", "%26es=".
export const land = () =>
  (EXTRA ? location.href : u).replace(RegExp("([?&#;]|%26)" + param + "=(\\w{10})" + (EXTRA ? "(?:\\w{10})?" : "") + "(&|\\b)"), (all, before, found, after) => {
    if (!EXTRA || !returned()) parent = found;
    history.replaceState(history.state, "", (EXTRA ? location.href : u).replace(all, after && before));
  });
