import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** A page's own addresses: links, scripts, styles and pictures. */
const ADDRESS = /<(?:a|link|script|img|iframe|source)\b[^>]*?\s(?:href|src)="([^"]*)"/g;

/** What is wrong with the links of a built site; nothing if each of them leads to a file, and to an anchor in it. */
export function brokenLinks(folder: string): string[] {
  const files = new Set(readdirSync(folder, { recursive: true }).map((name) => String(name).replaceAll("\\", "/")));
  const pages = [...files].filter((name) => name.endsWith(".html"));
  const texts = new Map(pages.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  const anchors = new Map(
    [...texts].map(([name, html]) => [
      name,
      new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => decoded(id!))),
    ]),
  );
  const problems: string[] = [];
  for (const [page, html] of texts)
    for (const [, address] of html.matchAll(ADDRESS)) {
      const target = decoded(address!);
      if (/^(https?|mailto|data):/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : posix.join(posix.dirname(page), path);
      const found = [file, `${file}.html`, posix.join(file, "index.html")].find((name) => files.has(name));
      if (target.startsWith("/")) problems.push(`${page}: ${target} leaves the folder of the site`);
      else if (found === undefined) problems.push(`${page}: ${target} leads nowhere`);
      else if (anchor && !anchors.get(found)?.has(decodeURIComponent(anchor)))
        problems.push(`${page}: there is no ${target}`);
    }
  return [...new Set(problems)];
}

const decoded = (text: string) =>
  text
    .replaceAll("&amp;", "&")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
