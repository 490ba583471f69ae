// Copies. What a button copies gets the ID; with EXTRA the selection that a
// reader copies gets it too, and data-copy may want less.
import { options, param } from "./options.js";
import { id, markText, share } from "./share.js";

// copying is 2 where copies are counted and changed, 1 where they are counted
// (data-copy="count"), 0 where they are let be ("off").
const copying = EXTRA && (options.copy == "off" ? 0 : options.copy == "count" ? 1 : 2);

// copied puts an ID into a text that holds the address of a page of this site,
// and returns what is to be done once it is copied. What ends like install.sh is
// part of a command, no page.
export const copied = (args) => {
  const done = share("copy");
  const text = markText(args[0]);
  const page = (!EXTRA || copying) && RegExp("http\\S*[^.]..(?=." + param + "=" + id + ")").exec(text);
  if (page) {
    if (!EXTRA || copying > 1) args[0] = text;
    return () => done(page[0]);
  }
};

// copyEvent comes after the page's own handlers, which may have put another
// text into the clipboard. copied is index.js'.
export const copyEvent = (event) => {
  const { clipboardData, defaultPrevented, target } = event;
  const selection = getSelection();
  const field = "value" in target;
  const text = defaultPrevented
    ? clipboardData.getData("text/plain")
    : field
    ? target.value.slice(target.selectionStart, target.selectionEnd)
    : selection + "";
  const args = [text];
  copied(args)?.();
  if (args[0] == text) return;
  const box = document.createElement("div");
  if (!defaultPrevented && !field) {
    box.append(selection.getRangeAt(0).cloneContents());
    mend(box);
    clipboardData.setData("text/html", box.innerHTML);
  }
  clipboardData.setData("text/plain", args[0]);
  event.preventDefault();
};

// mend marks the addresses in an element's texts and links.
const mend = (node) => {
  if (node.data) node.data = markText(node.data);
  if (node.href) node.setAttribute("href", markText(node.href));
  node.childNodes.forEach(mend);
};
