// Share bars (EXTRA only) whose buttons are no links to a share form: their
// markup names the service, in an attribute or in a class.

const bars = [
  [".st-btn", "data-network"], // ShareThis
  [".shareaholic-share-button", "data-service"],
  ["[data-sharer]", "data-sharer"], // sharer.js
  ["amp-social-share", "type"],
  ["[class*=a2a_button_]", "class", /a2a_button_(\w+)/], // AddToAny
  ["[class*=heateor]", "class", /heateor_?sss_?(?!_?(?:sharing|svg))(?:button_)?(\w+?)(?:background)?\b/i], // Sassy
  ["a[class*=share-]", "href", /[?&]share=(?:jetpack-|custom-)?([a-z]+)/], // Jetpack
];

// menus are no networks: what they open is seen when it is chosen. A copy is
// seen when it is made, a share sheet when it succeeds.
const menus = /^(sharethis|more|print|system|copy|link$|sharing|compact|counter|follow)/i;

// service names the network whose button an element is.
export const service = (element) => {
  for (const [selector, attribute, pattern = /(.+)/] of bars)
    if (element.matches && element.matches(selector)) {
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
  if (href && href.baseVal) return new URL(href.baseVal, location.href).href; // a link in a drawing
  const name = element.matches && element.matches("a[href*='share=']") && service(element);
  const form = forms[name == "twitter" ? "x" : name];
  if (!form) return href;
  const page = new URL(href);
  page.searchParams.delete("share");
  page.searchParams.delete("nb");
  return "https://" + form.replace(/[UT]$|\b[UT]\b/g, (part) => encodeURIComponent(part == "U" ? page.href : document.title));
};

// lead sends this click to an address; the link is as it was for the next one.
export const lead = (element, to) => {
  const name = element.hasAttribute("href") ? "href" : "xlink:href";
  const was = element.getAttribute(name);
  element.setAttribute(name, to);
  setTimeout(() => element.setAttribute(name, was));
};
