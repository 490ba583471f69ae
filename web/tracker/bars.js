// Share bars (EXTRA only) whose buttons are no links to a share form: their
// markup names the service, in an attribute or in a class, or holds the form's
// address for a script. A link to another site says itself where it leads: its
// class is never asked (clicks.js).
import { form } from "./networks.js";

const bars = [
  [".st-btn", "data-network"], // ShareThis
  [".shareaholic-share-button", "data-service"],
  ["amp-social-share", "type"],
  ["[class*=a2a_button_]", "class", /a2a_button_(\w+)/], // AddToAny
  ["a[class*=heateor_sss_],[class*=heateorSss]", "class", /heateor_?sss_?(?!sharing)(?:button_)?(\w+?)(?:background)?\b/i], // Sassy
  ["a[class*=share-]", "href", /[?&]share=(?:jetpack-|custom-)?([a-z]+)/], // Jetpack
];

// menus are no networks: what they open is seen when it is chosen. A copy is
// seen when it is made, a share sheet when it succeeds. Who follows shares
// nothing.
const menus = /^(sharethis|more|print|system|copy|link$|sharing|compact|counter|comment)|follow/i;

// service names the network whose button an element is.
export const service = (element) => {
  const endpoint = element.dataset.shareEndpoint; // AMP's, where the type is the page's own
  if (endpoint) return form(endpoint + "?text=");
  if (!element.closest("[class*=follow],[data-a2a-follow]"))
    for (const [selector, attribute, pattern = /(.+)/] of bars)
      if (element.matches(selector)) {
        const [, name] = pattern.exec(element.getAttribute(attribute)) || 0;
        if (name && !menus.test(name)) return name;
      }
};

// forms are where Jetpack's own addresses lead: U is the page's, T its title.
// The blog's server would make them of an address without the ID.
const forms = {
  facebook: "www.facebook.com/sharer.php?u=U&t=T",
  x: "x.com/intent/post?url=U&text=T",
  linkedin: "www.linkedin.com/shareArticle?mini=true&url=U&title=T",
  reddit: "www.reddit.com/submit?url=U&title=T",
  tumblr: "www.tumblr.com/widgets/share/tool?canonicalUrl=U&title=T",
  pinterest: "www.pinterest.com/pin/create/button/?url=U&description=T",
  telegram: "t.me/share/url?url=U&text=T",
  whatsapp: "wa.me/?text=T%20U",
  threads: "www.threads.com/intent/post?text=T%20U",
  bluesky: "bsky.app/intent/compose?text=T%20U",
};

// target is the address that a link leads to: of Jetpack's, the share form.
export const target = (element) => {
  const href = element.href;
  if (href?.baseVal) return new URL(href.baseVal, location.href).href; // a link in a drawing
  const name = element.matches?.("a[href*='share=']") && service(element);
  const form = forms[name == "twitter" ? "x" : name];
  if (!form) return href;
  const page = new URL(href);
  page.searchParams.delete("share");
  page.searchParams.delete("nb");
  return "https://" + form.replace(/[UT]$|\b[UT]\b/g, (part) => encodeURIComponent(part == "U" ? page.href : document.title));
};

// lead gives an attribute another value for this click; it is as it was for
// the next one.
export const lead = (element, name, to) => {
  const was = element.getAttribute(name);
  element.setAttribute(name, to);
  setTimeout(() => element.setAttribute(name, was));
};
