// Builds what the browser gets from our styles and the packages in package.json.
// Nothing here is committed: the output is build/static/, made at set-up.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as sass from "sass";

const OUT = "build/static";
const FONT = "node_modules/@fontsource/atkinson-hyperlegible/files";

for (const folder of ["css", "js", "fonts"]) {
  mkdirSync(`${OUT}/${folder}`, { recursive: true });
}

const css = sass.compile("frontend/service.scss", {
  style: "compressed",
  loadPaths: ["node_modules/govuk-frontend/dist"],
  quietDeps: true,
});
writeFileSync(`${OUT}/css/service.css`, css.css);

for (const face of ["400-normal", "700-normal"]) {
  cpSync(
    `${FONT}/atkinson-hyperlegible-latin-${face}.woff2`,
    `${OUT}/fonts/atkinson-hyperlegible-${face}.woff2`,
  );
}

const govuk = readFileSync("node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js", "utf8");
writeFileSync(`${OUT}/js/govuk-frontend.js`, govuk.replace(/\/\/# sourceMappingURL=.*$/m, ""));
