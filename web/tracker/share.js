// A share: an ID goes out with the link, and an event says that it went.
//
// An ID is its generation in base 36 (1 = the sharer didn't come through a
// share), then nine random letters. It names an act of sharing, never a
// person, and is kept in this page's memory only.
import { send, u } from "./events.js";
import { param } from "./options.js";

let parent, id, busy;

// share begins an act of sharing and gives it an ID; the function returned
// says that it took place. The same network again within a second is the same
// act seen twice, as a click and as the window that it opens.
export const share = (n, k) => {
  if (n != busy)
    id =
      (parent ? parseInt(parent[0], 36) + 1 : 1).toString(36) +
      String.fromCharCode(...crypto.getRandomValues(new Uint8Array(9)).map((r) => 65 + (r % 26) + (r & 32)));
  return () => {
    if (n != busy) send("share", { sh: { n, k, i: id, p: parent } });
    busy = n;
    setTimeout(() => (busy = 0), 1e3);
  };
};

// mark puts the ID of the share begun last into each address of this site
// inside another address: in a parameter, in a text, in a fragment. It is
// percent-encoded there; so is what is put in. An address ends before a space,
// a quote, its fragment, and a sentence's full stop.
export const mark = (text) =>
  text.includes(id)
    ? text
    : text.replace(
        RegExp("[/F]" + location.hostname + "((?!%2[023]|%0)[^\\s&#+])*\\b/?", "gi"),
        (url) => url + (/\?|%3F/i.test(url) ? "%26" : "%3F") + param + "=" + id,
      );

// markText does the same in a plain text.
export const markText = (text) => decodeURIComponent(mark(encodeURIComponent(text)));

// land reads the share that brought this reader and takes it out of the
// address bar, so that a copied address does not pass for that share.
export const land = () =>
  u.replace(RegExp("([?&#])" + param + "=([1-9a-z]\\w{9})(&|\\b)"), (all, before, found, after) => {
    parent = found;
    history.replaceState(history.state, "", u.replace(all, after && before));
  });
