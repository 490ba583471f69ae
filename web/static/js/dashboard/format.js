// Numbers, durations and dates in the reader's language. A value of null is
// not known and is shown as a dash, never as 0.

import { locale as pageLocale } from "../strings.js";

export const UNKNOWN = "–";

export const format = makeFormat(pageLocale());

function makeFormat(locale) {
  const number = (options) => lazily(() => new Intl.NumberFormat(locale, options));
  const whole = number({ maximumFractionDigits: 0 });
  const short = number({ notation: "compact", maximumSignificantDigits: 3 });
  const ratio = number({ maximumFractionDigits: 2 });
  const percent = number({ style: "percent", maximumFractionDigits: 1 });
  const signed = number({ style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" });
  const plus = number({ maximumFractionDigits: 1, signDisplay: "exceptZero" });
  const wide = number({ style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });

  function duration(seconds) {
    const s = Math.round(seconds);
    if (s < 0) return "-" + duration(-s);
    if (s < 60) return part(s, "s");
    if (s >= 48 * 3600) return part(Math.floor(s / 86400), locale.startsWith("fr") ? "j" : "d");
    if (s < 3600) return join(part(Math.floor(s / 60), "min"), part(s % 60, "s"));
    return join(part(Math.floor(s / 3600), "h"), part(Math.floor((s % 3600) / 60), "min"));
  }

  // No-break spaces keep a figure on one line.
  const part = (n, unit) => `${whole.format(n)}\u00a0${unit}`;
  const join = (a, b) => (b.startsWith("0") ? a : `${a}\u00a0${b}`);

  const byUnit = {
    count: (v) => whole.format(v),
    percent: (v) => percent.format(v / 100),
    ratio: (v) => ratio.format(v),
    duration,
    money: (amounts) => amounts.map((a) => currency(locale, a.currency).format(a.value)).join(" · "),
  };

  return {
    locale,
    /** value in full, for tables, tooltips and screen readers */
    full: (v, unit) => (v === null || v === undefined ? UNKNOWN : (byUnit[unit] || ratio.format)(v)),
    /** value short enough for a tile or an axis: 12.3k */
    brief(v, unit) {
      if (v === null || v === undefined) return UNKNOWN;
      if (unit === "count" && Math.abs(v) >= 100_000) return short.format(v);
      return this.full(v, unit);
    },
    /** tick is a value along an axis */
    tick(v, unit) {
      return unit === "count" && Math.abs(v) >= 1000 ? short.format(v) : this.full(v, unit);
    },
    /** change in percent, with its sign */
    change: (v) => (Math.abs(v) >= 100 ? wide : signed).format(v / 100),
    /** points is the difference of two percentages */
    points: (v) => `${plus.format(v)}\u00a0pt`,
    bucket: (v, interval, long) => bucket(locale, v, interval, long),
  };
}

// lazily makes a formatter with its first figure: making all of them takes a slow
// phone as long as drawing a page's lists.
function lazily(make) {
  let made;
  return { format: (v) => (made ??= make()).format(v) };
}

const cache = new Map();

function currency(locale, code) {
  const key = locale + code;
  if (!cache.has(key)) cache.set(key, new Intl.NumberFormat(locale, { style: "currency", currency: code }));
  return cache.get(key);
}

function dates(locale, options) {
  const key = locale + JSON.stringify(options);
  if (!cache.has(key)) cache.set(key, new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }));
  return cache.get(key);
}

// A bucket is named by the site's own wall clock ("2026-11-23" or
// "2026-11-23 14:00:00"), so it is formatted as UTC: the browser's zone must
// not move it.
function bucket(locale, value, interval, long) {
  const text = String(value);
  const at = new Date(text.length <= 10 ? text + "T00:00:00Z" : text.slice(0, 19).replace(" ", "T") + "Z");
  if (Number.isNaN(at.getTime())) return text;
  switch (interval) {
    case "minute":
      return dates(locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(at);
    case "hour":
      return dates(locale, long
        ? { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }
        : { hour: "numeric", minute: "2-digit" }).format(at);
    case "week": {
      if (!long) return dates(locale, { day: "numeric", month: "short" }).format(at);
      const end = new Date(at.getTime() + 6 * 86400e3);
      return dates(locale, { day: "numeric", month: "short", year: "numeric" }).formatRange(at, end);
    }
    case "month":
      return dates(locale, long ? { month: "long", year: "numeric" } : { month: "short", year: "2-digit" }).format(at);
    case "year":
      return dates(locale, { year: "numeric" }).format(at);
    default:
      return dates(locale, long
        ? { weekday: "short", day: "numeric", month: "long", year: "numeric" }
        : { day: "numeric", month: "short" }).format(at);
  }
}
