import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { BASE, OUT, SOURCE } from "../places.mjs";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
/** Written by build.mjs: the pages in their order. */
const contents = JSON.parse(readFileSync(`${SOURCE}/contents.json`, "utf8"));
/** Where the project lives, once a person has said so in package.json. */
const { repository } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const address = repository?.url.replace(/^git\+|\.git$/g, "");

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 3v10c4 0 8-1 12-1' " +
  "fill='none' stroke='%23b3361e' stroke-width='2.5'/%3E%3C/svg%3E";

/** A page as the search indexes it: in the reference, a function or an interface is one entry, not each of its fields. */
function searched(text, env, markdown) {
  const isReference = /^api\b/.test(env.relativePath);
  return markdown.render(isReference ? text.replaceAll(/^#{4,} (.*)$/gm, "**$1**") : text, env);
}

/** A guide is found before the reference, which has every word. It runs in the reader's browser. */
const boostDocument = (id) => (/\/(?:api|changelog|architecture|contributing|results)\b/.test(id) ? 0.3 : 1);

export default defineConfig({
  title: "lstm-wasm",
  description: "Train and run LSTM sequence models in Node and the browser, on WebAssembly SIMD.",
  lang: "en-US",
  srcDir: SOURCE,
  outDir: OUT,
  cacheDir: fileURLToPath(new URL("../../build/site-cache", import.meta.url)),
  // relocate.mjs makes it relative.
  base: BASE,
  head: [["link", { rel: "icon", href: ICON }]],
  // The page is copied in afterwards; the tests check every link.
  ignoreDeadLinks: [/^\.\/try\//, /^\.\/examples\//],
  markdown: { theme: { light: "github-light", dark: "github-dark" } },
  vite: { logLevel: "warn", build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    nav: [
      // A page of its own, beside the site's.
      { text: "Try it", link: "./try/index.html", target: "_self" },
      { text: "Guides", link: contents[0].items[0].link },
      { text: "Reference", link: "/api" },
      { text: "Results", link: "/results" },
      { text: version, link: "/changelog" },
    ],
    sidebar: contents,
    outline: { level: [2, 3] },
    search: { provider: "local", options: { _render: searched, miniSearch: { searchOptions: { boostDocument } } } },
    // With an empty list there would be a divider before nothing.
    ...(address ? { socialLinks: [{ icon: "github", link: address }] } : {}),
    footer: { message: "MIT license" },
  },
});
