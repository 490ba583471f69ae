// Clicks that leave: shares, links to other sites, file downloads. Seen before
// any handler of the page, on links around icons and inside open shadow trees.
import { lead, service, target } from "./bars.js";
import { send } from "./events.js";
import { network, wanted } from "./networks.js";
import { tried } from "./options.js";
import { mark, share } from "./share.js";

// click says whether an element of a click's path was the one meant. Which
// links are downloads, and which lead away, the collector decides.
export const click = (element) => {
  const href = EXTRA ? target(element) : element.href;
  const abroad = href && (EXTRA ? new URL(href, location.href).host : element.host) != location.host;
  const button = element.dataset.earshotShare || (EXTRA && element.dataset.sharer) || element.dataset.shared;
  const name = button || (abroad && network(href));
  if (EXTRA ? name && wanted(name) : name) {
    share(name, href ? "link" : "button")();
    // The ID belongs to this click: the link is as it was for the next one.
    if (abroad) {
      if (EXTRA) lead(element, element.hasAttribute("href") ? "href" : "xlink:href", mark(href));
      else {
        element.href = mark(href);
        setTimeout(() => (element.href = href));
      }
    }
    return name;
  }
  return element.host && (abroad || /\.\w+$/.test(element.pathname)) && send("", { l: href });
};

// pressed does the same, with EXTRA, for the buttons of share bars. A link that
// leads abroad has been asked itself: no class makes a share of it.
export const pressed = (path) => path.some((element) => element.host && element.host != location.host) || path.some((element) => tried(press, element));

const press = (element) => {
  for (const { name, value } of element.attributes) {
    const form = /^data-/.test(name) && /^(\w+:)?\/\/|^mailto:/.test(value) && network(value);
    if (form && wanted(form)) {
      share(form, "button")();
      lead(element, name, mark(value));
      return form;
    }
  }
  const name = service(element);
  if (name && wanted(name)) share(name, element.href ? "link" : "button")();
  return name;
};
