// Builds what the browser gets from our styles and scripts and the packages in package.json.
// Nothing that it makes is committed: build/static/ is made at set-up by `npm run build`.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as esbuild from "esbuild";
import * as sass from "sass";

const OUT = "build/static";
const PAPER_FONTS = "build/fonts"; // whole fonts, for papers: the typesetter reads no WOFF
const FONT = "atkinson-hyperlegible-next";

rmSync(OUT, { recursive: true, force: true });
for (const folder of [`${OUT}/css`, `${OUT}/js`, `${OUT}/fonts`, PAPER_FONTS]) {
  mkdirSync(folder, { recursive: true });
}

const { css } = sass.compile("frontend/service.scss", {
  style: "compressed",
  loadPaths: ["frontend", "node_modules/govuk-frontend/dist"],
  quietDeps: true,
});
writeFileSync(`${OUT}/css/service.css`, css);

for (const subset of ["latin", "latin-ext"]) {
  for (const weight of [400, 700]) {
    const file = `${FONT}-${subset}-${weight}-normal.woff2`;
    cpSync(`node_modules/@fontsource/${FONT}/files/${file}`, `${OUT}/fonts/${file}`);
  }
}

for (const style of ["400Regular", "700Bold"]) {
  const file = `AtkinsonHyperlegibleNext_${style}.ttf`;
  cpSync(`node_modules/@expo-google-fonts/${FONT}/${style}/${file}`, `${PAPER_FONTS}/${file}`);
}

await esbuild.build({
  entryPoints: ["frontend/early.js", "frontend/service.js", "frontend/workspace.js"],
  outdir: `${OUT}/js`,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
});
