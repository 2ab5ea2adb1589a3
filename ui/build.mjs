// Bundles styles and scripts into dist/: content-hashed names, brotli and gzip beside each text, and manifest.json {"app.css": "app-HASH.css", …}.
import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
/** The signs of the states, and the colour each takes from the tokens. */
const STATES = { m: ["check", "met"], p: ["half", "part"], n: ["cross", "not"], u: ["ask", "unk"], d: ["clock", "faint"], x: ["shield", "exc"], a: ["dash", "faint"] };

const drawings = readFileSync(join(here, "icons.txt"), "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((line) => {
  const [name, ...rest] = line.split(" ");
  const [stroke, fill] = rest.join(" ").split("!").map((d) => d.trim());
  return [name, { stroke, fill }];
});

function draw({ stroke, fill }, colour, width) {
  const c = colour.replace("#", "%23");
  const path = (d, how) => (d ? `%3Cpath ${how} d='${d}'/%3E` : "");
  return `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E${path(stroke, `fill='none' stroke='${c}' stroke-width='${width}' stroke-linecap='round' stroke-linejoin='round'`)}${path(fill, `fill='${c}'`)}%3C/svg%3E")`;
}

/** Icons are masks in the colour of the text beside them; a tree's arrow is drawn by the styles themselves. */
function icons() {
  const right = draw(drawings.find(([n]) => n === "right")[1], "#000", 1.6);
  return `:root{--i-right:${right}}\n` + drawings.map(([n, d]) => `.i-${n}{--i:${draw(d, "#000", 1.6)}}`).join("\n");
}

/** State signs are drawn in their colours, once for each theme: twenty thousand masks on a board would be slow to paint. */
function states() {
  const tokens = readFileSync(join(here, "css/tokens.css"), "utf8");
  const colours = (css) => Object.fromEntries([...css.matchAll(/--([\w-]+): (#\w+)/g)].map((m) => [m[1], m[2]]));
  const [light, night] = tokens.split("@dark").map(colours);
  const vars = (t) => Object.entries(STATES).map(([s, [icon, colour]]) => `--s-${s}:${draw(drawings.find(([n]) => n === icon)[1], t[colour], 2)};`).join("");
  return `:root {${vars(light)}}\n${dark(`@dark {${vars(night)}}`)}`;
}

/** `@dark {…}` is written once and holds for the machine's wish and for the person's; paper is always light. */
function dark(css) {
  return css.replace(/@dark \{([^}]*)\}/g, (_, body) => `@media screen and (prefers-color-scheme: dark) { :root:not([data-theme=light]) {${body}} }\n@media screen { :root[data-theme=dark] {${body}} }`);
}

/** How many duties a board has, so that its head alone decides the width. */
const columns = Array.from({ length: 40 }, (_, i) => `.c${i + 1}{--n:${i + 1}}`).join("");

const ours = {
  name: "ours",
  setup(b) {
    b.onResolve({ filter: /^icons:css$/ }, () => ({ path: "icons", namespace: "icons" }));
    b.onLoad({ filter: /.*/, namespace: "icons" }, () => ({ contents: `${icons()}\n${states()}\n${columns}`, loader: "css" }));
    b.onLoad({ filter: /tokens\.css$/ }, ({ path }) => ({ contents: dark(readFileSync(path, "utf8")), loader: "css" }));
  },
};

mkdirSync(dist, { recursive: true });
const { metafile, outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: [{ in: "src/main.ts", out: "app" }, { in: "src/sw.ts", out: "sw" }, { in: "css/app.css", out: "app" }],
  outdir: dist,
  bundle: true,
  minify: true,
  metafile: true,
  legalComments: "none",
  format: "iife",
  target: ["chrome109", "firefox115", "safari16"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file", ".svg": "file" },
  plugins: [ours],
  logLevel: "warning",
  write: false,
});
/** What dist/ shall hold: name → bytes. */
const wanted = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));

const manifest = {};
for (const [out, info] of Object.entries(metafile.outputs)) {
  const file = out.split("/").pop();
  const source = info.entryPoint ?? Object.keys(info.inputs)[0] ?? "";
  const plain = info.entryPoint ? `${info.entryPoint.endsWith("sw.ts") ? "sw" : "app"}.${file.split(".").pop()}` : source.split("/").pop();
  manifest[plain] = file;
}
const mark = readFileSync(join(here, "mark.svg"));
manifest["mark.svg"] = `mark-${createHash("sha256").update(mark).digest("hex").slice(0, 8).toUpperCase()}.svg`;
wanted.set(manifest["mark.svg"], mark);
const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
wanted.set("manifest.json", Buffer.from(JSON.stringify(sorted, null, 1) + "\n"));

for (const [file, text] of [...wanted]) {
  if (!/\.(css|js|svg)$/.test(file)) continue;
  const packed = { br: join(dist, `${file}.br`), gz: join(dist, `${file}.gz`) };
  // The name carries the text's hash: what was packed under it once need not be packed again.
  const kept = same(join(dist, file), text) && existsSync(packed.br) && existsSync(packed.gz);
  const br = kept ? readFileSync(packed.br) : brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } });
  wanted.set(`${file}.br`, br);
  wanted.set(`${file}.gz`, kept ? readFileSync(packed.gz) : gzipSync(text, { level: 9 }));
  console.log(`${file}  ${text.length} B, ${br.length} B brotli`);
}

// Only differences are written: the crate `web` embeds this folder and is compiled again whenever something in it moves.
for (const file of readdirSync(dist)) if (!wanted.has(file)) rmSync(join(dist, file), { recursive: true });
for (const [file, bytes] of wanted) if (!same(join(dist, file), bytes)) writeFileSync(join(dist, file), bytes);

// The serif of printed papers: whole files, for the crate `print`. No page loads them.
const fonts = join(here, "fonts");
const tinos = join(here, "node_modules/@expo-google-fonts/tinos");
mkdirSync(fonts, { recursive: true });
for (const face of ["400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"]) {
  const file = `Tinos_${face}.ttf`;
  const bytes = readFileSync(join(tinos, face, file));
  if (!same(join(fonts, file), bytes)) writeFileSync(join(fonts, file), bytes);
}

function same(path, bytes) {
  return existsSync(path) && readFileSync(path).equals(bytes);
}
