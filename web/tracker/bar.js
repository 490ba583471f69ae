// Address-bar mode, data-bar (EXTRA only): a fresh ID in the fragment of the
// address shown, so that an address copied from there can be told too. Such an
// ID has an underscore after its generation, and right behind it the ID of the
// share that brought this reader. It is no share until somebody comes by it:
// no event says that it was made.
import { hash, options, param } from "./options.js";

const on = EXTRA && "bar" in options && !hash;

// keepInBar puts an ID made by mint into an address without a fragment.
export const keepInBar = (mint) => {
  if (on && !location.hash) history.replaceState(history.state, "", location.href.split("#")[0] + "#" + param + "=" + mint());
};

// plain takes such an ID out of an address, or out of a text that holds one:
// what is shared gets an ID of its own.
export const plain = (text) => (on ? text.replace(RegExp("(#|%23)" + param + "(=|%3D)[1-9a-z]\\w{9}(\\w{10})?\\b", "gi"), "") : text);

// returned says that the page was loaded again or gone back to: the ID in the
// fragment is then the reader's own.
export const returned = () =>
  on && /=\w{10,20}$/.test(location.hash) && performance.getEntriesByType("navigation")[0].type != "navigate";
