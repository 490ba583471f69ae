// Builds the snippet: web/tracker → web/dist/js/earshot.js and
// earshot-share.js, one file each without dependencies, and fails where one
// weighs more than its budget.
//
//	node web/build-tracker.mjs
//	node web/build-tracker.mjs --search SECONDS   looks for a better arrangement of earshot.js
import { build } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { minify } from "terser";
import zlib from "node:zlib";
import { arranged, inlined, placeholder, rearrange } from "./arrange-tracker.mjs";

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

// bundle makes one file: the modules into one, then that one minified as if it
// had been written so.
async function bundle(extra) {
  if (!extra) {
    const code = await arranged(await nameless());
    if (code) return Buffer.from(code);
    console.warn("earshot.js: its arrangement was found for other code; see web/build-tracker.mjs --search");
  }
  return Buffer.from(inBlock(await minified(await modules(extra))));
}

// nameless is earshot.js with a placeholder for each name.
async function nameless() {
  let n = 0;
  const code = inlined(await minified(await modules(false), { nth_identifier: { get: () => placeholder(n++) } }));
  return inBlock(await minified(code, false));
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

// minified makes no change that terser calls unsafe: none saves a byte here. Where
// functions go is decided by inlined.
async function minified(code, mangle = {}) {
  const result = await minify(code, { ecma: 2020, module: true, compress: { passes: 3, reduce_funcs: false }, mangle });
  return result.code;
}

// inBlock keeps a module's names from the page's scripts, in fewer bytes than a
// function would need. The minifier declares them all in one statement.
function inBlock(module) {
  const code = module.trimEnd().replace(/^(var|let) /, "{let ").replace(/;?$/, "}");
  if (!code.startsWith("{let ") || /(^|[;}])(var|function|class) /.test(code)) throw new Error("a name would be left outside the block");
  return code;
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
  if (flag === "--search") console.log(`${await rearrange(await nameless(), +seconds || 60, brotli)} of ${budget} bytes`);
  else {
    for (const { name, raw, gzip, brotli, budget } of await buildTracker()) {
      console.log(`${name}: ${raw} bytes, gzip ${gzip}, brotli ${brotli} of ${budget}`);
    }
  }
}
