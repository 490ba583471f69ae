// Builds the snippet: web/tracker → web/dist/js/earshot.js and
// earshot-share.js, one file each without dependencies, and fails where one
// weighs more than its budget.
//
//	node web/build-tracker.mjs
//	node web/build-tracker.mjs --search SECONDS   looks for better names, and prints them
import { build } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { minify } from "terser";
import zlib from "node:zlib";

// The files, and their budgets: bytes in brotli at quality 11, as the server
// sends them. EXTRA is what the modules ask for what only the second has.
export const budget = 1500;
const files = [
  { name: "earshot.js", budget, extra: false },
  { name: "earshot-share.js", budget: 3500, extra: true },
];

const common = { target: "es2020", charset: "utf8", legalComments: "none", write: false };
const here = path.dirname(fileURLToPath(import.meta.url));

// buildTracker writes the files into outdir and returns their sizes in bytes.
export async function buildTracker({ outdir = path.join(here, "dist", "js") } = {}) {
  await mkdir(outdir, { recursive: true });
  return Promise.all(
    files.map(async ({ name, budget, extra }) => {
      const code = await bundle(extra);
      const sizes = { name, budget, raw: code.length, gzip: zlib.gzipSync(code, { level: 9 }).length, brotli: brotli(code) };
      if (sizes.brotli > budget) {
        throw new Error(`${name} is ${sizes.brotli} bytes in brotli, ${sizes.brotli - budget} above its budget of ${budget}`);
      }
      await writeFile(path.join(outdir, name), code);
      return sizes;
    }),
  );
}

// The letters that names begin with, those first that are used most. How well a
// file compresses hangs on which letters stand beside which; no rule foretells
// it, so these were found by trying (--search), and want to be found again after
// a change that needs the bytes.
const alphabet = "dtlumrnovwaGJEepDC$ksqfSBgbhQjPZKAzMUHL_iXIyTFRYcNVWOx";

// bundle makes one file: the modules into one, then that one minified as if it
// had been written so, with names of the letters given.
async function bundle(extra, letters = alphabet) {
  return inBlock(await minified(await modules(extra), names(letters)));
}

async function modules(extra) {
  const result = await build({
    entryPoints: [path.join(here, "tracker", "index.js")],
    bundle: true,
    format: "esm",
    define: { EXTRA: String(extra) },
    minifySyntax: true, // what the other file has alone goes before its imports are counted
    ...common,
  });
  return result.outputFiles[0].text;
}

// minified makes no change that terser calls unsafe: none saves a byte here.
async function minified(code, nth_identifier) {
  const result = await minify(code, {
    ecma: 2020,
    module: true,
    compress: { passes: 3 },
    mangle: { nth_identifier },
  });
  return result.code;
}

// names gives the n-th name; terser leaves out what means something already.
function names(letters) {
  return {
    get(n) {
      let name = "";
      for (n++; n > 0; n = Math.floor(n / letters.length)) name = letters[--n % letters.length] + name;
      return name;
    },
  };
}

// inBlock keeps a module's names from the page's scripts, in fewer bytes than a
// function would need. The minifier declares them all in one statement.
function inBlock(module) {
  const code = module.trimEnd().replace(/^(var|let) /, "{let ").replace(/;?$/, "}");
  if (!code.startsWith("{let ") || /(^|[;}])(var|function|class) /.test(code)) throw new Error("a name would be left outside the block");
  return Buffer.from(code);
}

// search tries alphabets for so many seconds and returns the best for
// earshot.js. A worse one is taken as well at first, so that it doesn't end at
// the nearest hill.
async function search(seconds) {
  const parts = (await minified(await modules(false), { get: (n) => "x_" + n + "_" })).split(/\bx_(\d+)_/);
  const size = (letters) => brotli(inBlock(parts.map((part, i) => (i % 2 ? names(letters).get(+part) : part)).join("")));
  const random = (n) => Math.floor(Math.random() * n);
  let letters = [...alphabet];
  let now = size(letters);
  let best = { letters, size: now };
  const begun = Date.now();
  for (let left = 1; left > 0; left = 1 - (Date.now() - begun) / (seconds * 1000)) {
    const tried = letters.slice();
    for (let i = random(3); i >= 0; i--) {
      const a = random(32), b = random(tried.length);
      [tried[a], tried[b]] = [tried[b], tried[a]];
    }
    const its = size(tried);
    if (its > now && Math.random() > Math.exp((now - its) / left)) continue;
    [letters, now] = [tried, its];
    if (its < best.size) best = { letters, size: its };
  }
  return { size: best.size, alphabet: best.letters.join("") };
}

function brotli(code) {
  return zlib.brotliCompressSync(code, {
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: code.length,
    },
  }).length;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [flag, seconds] = process.argv.slice(2);
  if (flag === "--search") console.log(await search(+seconds || 60));
  else {
    for (const { name, raw, gzip, brotli, budget } of await buildTracker()) {
      console.log(`${name}: ${raw} bytes, gzip ${gzip}, brotli ${brotli} of ${budget}`);
    }
  }
}
