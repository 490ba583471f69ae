// The texts of scripts: the keys under "js." of web/strings.yaml, which the
// layout hands over in <meta name="earshot-strings">.

let texts;

// t("copied") is the text of js.copied; t(key, {count: 3}) puts values in
// and picks the plural form by count.
export function t(key, values = {}) {
  texts ??= JSON.parse(document.querySelector('meta[name="earshot-strings"]').content);
  let text = texts[key] ?? `⟦js.${key}⟧`;
  if (typeof values.count === "number" && texts[key + ".one"]) {
    if (new Intl.PluralRules(locale()).select(values.count) === "one") text = texts[key + ".one"];
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale()) : String(value);
  });
}

export const locale = () => document.documentElement.lang || "en";
