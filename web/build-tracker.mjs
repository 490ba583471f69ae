// Builds the snippet: web/tracker → web/dist/js/earshot.js and
// earshot-share.js, one file each without dependencies, and fails where one
// weighs more than its budget.
//
//	node web/build-tracker.mjs
import { build } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
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

// bundle makes one file in two passes: the modules into one, then that one
// minified as if it had been written so, which joins the declarations of
// different modules.
async function bundle(extra) {
  const modules = await build({
    entryPoints: [path.join(here, "tracker", "index.js")],
    bundle: true,
    format: "esm",
    define: { EXTRA: String(extra) },
    minifySyntax: true, // what the other file has alone goes before its imports are counted
    ...common,
  });
  const result = await build({
    stdin: { contents: modules.outputFiles[0].text },
    bundle: true,
    minify: true,
    format: "esm",
    ...common,
  });
  return inBlock(result.outputFiles[0].text);
}

// inBlock keeps a module's names from the page's scripts, in fewer bytes than a
// function would need. esbuild declares them all in one statement.
function inBlock(module) {
  const code = module.trimEnd().replace(/^var /, "{let ").replace(/;?$/, "}");
  if (!code.startsWith("{let ") || /(^|[;}])(var|function|class) /.test(code)) throw new Error("a name would be left outside the block");
  return Buffer.from(code);
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
  for (const { name, raw, gzip, brotli, budget } of await buildTracker()) {
    console.log(`${name}: ${raw} bytes, gzip ${gzip}, brotli ${brotli} of ${budget}`);
  }
}
