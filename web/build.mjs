// Builds what the browser gets into web/dist, which the Go binary embeds:
//
//   web/static/*.js, *.css   one bundle each      → assets/<name>.<hash>.js|css
//   web/static/img/*         copied               → assets/<name>.<hash>.<ext>
//   web/tracker/             the blog's snippet   → js/earshot.js
//   manifest.json            source name → path, read by package web
//
// Text files get .br and .gz beside them, so that serving costs no CPU.
// A new page script or style is a new file in web/static; nothing to add here.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const web = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(web, "static");
const dist = path.join(web, "dist");
const compressible = new Set([".js", ".css", ".svg", ".json", ".txt"]);

await emptyDist();
const manifest = { ...(await bundle()), ...(await copyImages()) };
await writeFile(path.join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
if (existsSync(path.join(web, "build-tracker.mjs"))) {
  const { buildTracker } = await import("./build-tracker.mjs");
  await buildTracker({ outdir: path.join(dist, "js") });
}
await compress(dist);

// The .keep file stays: it lets the Go package compile before the first build.
async function emptyDist() {
  await mkdir(dist, { recursive: true });
  for (const name of await readdir(dist)) {
    if (name !== ".keep") await rm(path.join(dist, name), { recursive: true });
  }
}

async function bundle() {
  const names = (await readdir(source)).filter((name) => /\.(js|css)$/.test(name));
  const result = await esbuild.build({
    absWorkingDir: web,
    entryPoints: names.map((name) => path.join(source, name)),
    outdir: path.join(dist, "assets"),
    entryNames: "[name].[hash]",
    chunkNames: "chunk.[hash]",
    assetNames: "[name].[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    target: ["chrome123", "firefox121", "safari17.5"],
    loader: { ".woff2": "file", ".svg": "file" },
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
  });
  const entries = {};
  for (const [out, meta] of Object.entries(result.metafile.outputs)) {
    if (meta.entryPoint) entries[path.basename(meta.entryPoint)] = path.relative("dist", out);
    // Fonts are preloaded by the layout, so it needs to know their names.
    else if (out.endsWith(".woff2")) {
      entries[path.basename(Object.keys(meta.inputs)[0])] = path.relative("dist", out);
    }
  }
  return entries;
}

async function copyImages() {
  const entries = {};
  const dir = path.join(source, "img");
  for (const name of await readdir(dir)) {
    const content = await readFile(path.join(dir, name));
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
    const { name: stem, ext } = path.parse(name);
    entries[name] = `assets/${stem}.${hash}${ext}`;
    await writeFile(path.join(dist, entries[name]), content);
  }
  return entries;
}

async function compress(dir) {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) await compress(file);
    else if (compressible.has(path.extname(entry.name)) && entry.name !== "manifest.json") {
      const content = await readFile(file);
      const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
      await writeFile(file + ".br", brotliCompressSync(content, brotli));
      await writeFile(file + ".gz", gzipSync(content, { level: 9 }));
    }
  }
}
