// Makes a site that VitePress has built for one folder work in any. All its pages are in one folder, so an address relative to it
// is the same on each of them; only the router and the loader of chunks want the folder itself, which the page tells them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";

/** Sets the global that stands for the folder, from the page's own address. */
const FOLDER = `<script>__SITE_FOLDER__=new URL("./",location.href).pathname</script>`;

/** @param {string} base the folder that it was built for */
export function relocate(folder, base) {
  for (const entry of readdirSync(folder, { recursive: true })) {
    const change = { ".html": relocatePage, ".js": relocateScript, ".css": relocateStyle }[extname(entry)];
    if (!change) continue;
    const path = join(folder, entry);
    const before = readFileSync(path, "utf8");
    const after = change(before, base);
    if (after.includes(base)) throw new Error(`${path} still names ${base}`);
    if (after !== before) writeFileSync(path, after);
  }
}

/** Pages have the site's data as a JSON text in a script: there, the folder is spliced in. */
export function relocatePage(html, base) {
  const spliced = html.replaceAll(`\\"${base}\\"`, `\\""+__SITE_FOLDER__+"\\"`).replaceAll(base, "./");
  return spliced.replace("<head>", `<head>\n    ${FOLDER}`);
}

/** A script's literal that is the folder alone is where addresses are put together; in all others, links of pages. */
export const relocateScript = (code, base) => code.replaceAll(`"${base}"`, "(__SITE_FOLDER__)").replaceAll(base, "./");

/** Styles lie in assets/, one below. */
export const relocateStyle = (css, base) => css.replaceAll(base, "../");
