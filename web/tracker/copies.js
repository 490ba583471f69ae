// Copies, with EXTRA: the selection that a reader copies gets the ID as well as
// what a button copies, and data-copy may want less.
import { options } from "./options.js";
import { markText } from "./share.js";

// copying is 2 where copies are counted and changed, 1 where they are counted
// (data-copy="count"), 0 where they are let be ("off").
export const copying = EXTRA && (options.copy == "off" ? 0 : options.copy == "count" ? 1 : 2);

// copyEvent comes after the page's own handlers, which may have put another
// text into the clipboard. copied is index.js'.
export const copyEvent = (event, copied) => {
  const { clipboardData, defaultPrevented, target } = event;
  const selection = getSelection();
  const field = "value" in target;
  const text = defaultPrevented
    ? clipboardData.getData("text/plain")
    : field
    ? target.value.slice(target.selectionStart, target.selectionEnd)
    : selection + "";
  const args = [text];
  copied(args);
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
