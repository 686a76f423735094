// Builds the site: npm run build:site.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "vitepress";
import { BASE, OUT, ROOT, SOURCE } from "./places.mjs";
import { writeReference } from "./reference.mjs";
import { relocate } from "./relocate.mjs";
import { writeSources } from "./sources.mjs";

for (const folder of [SOURCE, OUT]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
const contents = writeSources();
contents.splice(1, 0, writeReference());
writeFileSync(join(SOURCE, "contents.json"), JSON.stringify(contents));
for (const picture of ["docs/page.png", "site/pages/page-dark.png"])
  cpSync(join(ROOT, picture), join(SOURCE, "public", basename(picture)));

await build(join(ROOT, "site"));
relocate(OUT, BASE);
// The page that trains in the tab.
cpSync(join(ROOT, "build", "web"), join(OUT, "try"), { recursive: true });
