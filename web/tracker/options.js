// What the page's author asked for, in attributes of the script's own element.
// docs/snippet.md lists them.
export const script = document.currentScript;
export const options = script.dataset;
export const param = options.param || "es";
export const hash = "hash" in options;
