// The API reference in Markdown, one page for each entry of the package, from the docstrings.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT, SOURCE } from "./places.mjs";

const require = createRequire(import.meta.url);
const TYPEDOC = join(ROOT, "site", "node_modules", "typedoc", "bin", "typedoc");
/** The package's entries, by the last part of their names: their pages, in the order of the contents. */
const PAGES = [
  ["lstm-wasm", "api", "lstm-wasm"],
  ["words", "api-words", "lstm-wasm/words"],
  ["stream", "api-stream", "lstm-wasm/stream"],
  ["inspect", "api-inspect", "lstm-wasm/inspect"],
  ["presets", "api-presets", "lstm-wasm/presets"],
  ["forecast", "api-forecast", "lstm-wasm/forecast"],
  ["classify", "api-classify", "lstm-wasm/classify"],
  ["convert", "api-convert", "lstm-wasm/convert"],
  ["mpi", "api-mpi", "lstm-wasm/mpi"],
  ["sweep", "api-sweep", "lstm-wasm/sweep"],
];

/** Writes the pages, and returns their section of the contents. */
export function writeReference() {
  const out = join(ROOT, "build", "site-reference");
  const config = join(ROOT, "build", "site-typedoc.json");
  const options = {
    extends: join(ROOT, "typedoc.json"),
    entryPoints: PAGES.map(([name]) =>
      // A pattern, in which a backslash would escape what follows.
      join(ROOT, "src", `${name === "lstm-wasm" ? "index" : name}.ts`).replaceAll("\\", "/"),
    ),
    plugin: [require.resolve("typedoc-plugin-markdown")],
    tsconfig: join(ROOT, "tsconfig.json"),
    readme: "none",
    projectDocuments: [],
    out,
    router: "module",
    groupOrder: ["Functions", "Variables", "Classes", "Interfaces", "Type Aliases"],
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useHTMLAnchors: true,
    useCodeBlocks: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "list",
    logLevel: "Warn",
    treatWarningsAsErrors: false,
  };
  writeFileSync(config, JSON.stringify(options));
  rmSync(out, { recursive: true, force: true });
  execFileSync(process.execPath, [TYPEDOC, "--options", config], { cwd: ROOT, stdio: ["ignore", 2, 2] });
  for (const [, page, title] of PAGES) {
    const text = readFileSync(join(out, `${title}.md`), "utf8").replace(/^# .*$/m, `# ${title}`);
    writeFileSync(join(SOURCE, `${page}.md`), text.replaceAll(/\]\((?:[\w.-]+\/)*([\w-]+)\.md(#[^)]*)?\)/g, relink));
  }
  return { text: "Reference", items: PAGES.map(([, page, text]) => ({ text, link: `/${page}` })) };
}

function relink(link, module, anchor = "") {
  const [, page] = PAGES.find(([name]) => name === module) ?? [];
  return page ? `](./${page}.md${anchor})` : link;
}
