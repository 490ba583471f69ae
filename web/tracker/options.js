// What the page's author asked for: attributes of the script's element, or
// settings of the same names in window.earshot. docs/snippet.md lists them.

// tried calls what may not be there or may fail: the page goes on either way.
export const tried = (call, value) => {
  try {
    return call(value);
  } catch (e) {}
};

// The element is looked for: a module or a bundle doesn't know its own.
export const script = document.querySelector("[data-site]");
export const options = { ...script?.dataset, ...self.earshot };
export const param = options.param || "es";
export const hash = "hash" in options;
