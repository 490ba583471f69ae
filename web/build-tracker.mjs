// Builds the snippet: web/tracker → web/dist/js/earshot.js, one file without
// dependencies, and fails where it weighs more than its budget.
//
//	node web/build-tracker.mjs
import { build } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import zlib from "node:zlib";

// The snippet's budget: bytes in brotli at quality 11, as the server sends it.
export const budget = 1500;

const common = { target: "es2018", charset: "utf8", legalComments: "none", write: false };
const here = path.dirname(fileURLToPath(import.meta.url));

// buildTracker writes earshot.js into outdir and returns its sizes in bytes.
export async function buildTracker({ outdir = path.join(here, "dist", "js") } = {}) {
  // Two passes: the modules into one, then that one minified as if it had been
  // written so, which joins the declarations of different modules.
  const bundle = await build({
    entryPoints: [path.join(here, "tracker", "index.js")],
    bundle: true,
    format: "esm",
    ...common,
  });
  const result = await build({
    stdin: { contents: bundle.outputFiles[0].text },
    bundle: true,
    minify: true,
    format: "iife",
    ...common,
  });
  const code = result.outputFiles[0].contents;
  const sizes = { raw: code.length, gzip: zlib.gzipSync(code, { level: 9 }).length, brotli: brotli(code) };
  if (sizes.brotli > budget) {
    throw new Error(`the snippet is ${sizes.brotli} bytes in brotli, ${sizes.brotli - budget} above its budget of ${budget}`);
  }
  const file = path.join(outdir, "earshot.js");
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, code);
  return { file, ...sizes };
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
  const { raw, gzip, brotli } = await buildTracker();
  console.log(`earshot.js: ${raw} bytes, gzip ${gzip}, brotli ${brotli} of ${budget}`);
}
