// The site's pages from the repository's documents as they are: each becomes a page beside the others, and a link from one file
// to another a link from page to page.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, posix } from "node:path";
import { ROOT, SOURCE } from "./places.mjs";

/** The sections of the contents, and the documents in each. Documents in docs/ that are not named here come last. */
const SECTIONS = [
  [
    "Guides",
    [
      ...[
        "docs/text.md",
        "docs/numbers.md",
        "docs/sequences.md",
        "docs/streams.md",
        "docs/sweeps.md",
        "docs/convert.md",
        "docs/browser.md",
        "docs/serving.md",
      ],
      "docs/cluster.md",
    ],
  ],
  ["Coming from elsewhere", ["docs/comparison.md", "docs/migration.md"]],
  [
    "About",
    [
      "docs/results.md",
      "docs/proof.md",
      "docs/backends.md",
      "docs/versions.md",
      "CHANGELOG.md",
      "SECURITY.md",
      "ARCHITECTURE.md",
      "CONTRIBUTING.md",
    ],
  ],
];
const FIRST = "README.md";
const EXAMPLES = "examples.md";
const DECISIONS = "docs/decisions";

const read = (path) => readFileSync(join(ROOT, path), "utf8");
const markdownIn = (folder) =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder))
        .filter((name) => name.endsWith(".md"))
        .sort()
        .map((name) => `${folder}/${name}`)
    : [];
/** A document's title for the contents, which have room for a few words: "Numbers: series, forecasts" is "Numbers". */
const titleOf = (markdown) => markdown.match(/^# (.*)$/m)[1].split(": ")[0];

/** docs/numbers.md → numbers, CHANGELOG.md → changelog, docs/decisions/gpu.md → decision-gpu */
export function pageOf(path) {
  const name = basename(path, ".md").toLowerCase();
  if (path === FIRST) return "overview";
  return dirname(path) === DECISIONS ? `decision-${name}` : name;
}

/**
 * A document's text with links for the site.
 *
 * @param {string} path the document's, in the repository
 * @param {(path: string) => void} needsFile called for each file that is to be copied to the same path in the site's sources
 */
export function forSite(path, text, needsFile) {
  const outsideCode = text.split(/(^```.*?^```$)/ms);
  return outsideCode.map((part, i) => (i % 2 === 1 ? part : part.replaceAll(/\]\(([^)\s]+)\)/g, relink))).join("");

  function relink(link, target) {
    if (/^(https?:|mailto:|#)/.test(target)) return link;
    const [file, anchor] = target.split("#");
    const found = posix.join(posix.dirname(path), file);
    const suffix = anchor ? `#${anchor}` : "";
    if (found.endsWith(".md")) return `](./${pageOf(found)}.md${suffix})`;
    if (/^examples\/.*\.mjs$/.test(found)) return `](./${EXAMPLES}#${basename(found, ".mjs")})`;
    if (!existsSync(join(ROOT, found)) || !extname(found)) return link.replace(/^\]\(.*\)$/, "]");
    needsFile(found);
    return `](./${found})`;
  }
}

/** Writes all pages but the reference, and returns the contents. */
export function writeSources() {
  const known = SECTIONS.flatMap(([, paths]) => paths);
  const others = markdownIn("docs").filter((path) => !known.includes(path));
  const sections = [
    ...SECTIONS.map(([title, paths]) => [title, paths.filter((path) => existsSync(join(ROOT, path)))]),
    ["Decisions", markdownIn(DECISIONS)],
  ];
  sections.at(-2)[1].push(...others);

  const contents = sections
    .filter(([, paths]) => paths.length > 0)
    .map(([text, paths]) => ({ text, items: paths.map((path) => ({ text: titleOf(read(path)), link: write(path) })) }));
  contents[0].items.unshift({ text: "Overview", link: write(FIRST) });
  contents[0].items.push({ text: "Examples", link: "/examples" });
  writeFileSync(join(SOURCE, EXAMPLES), examples());
  const home = readFileSync(join(ROOT, "site", "pages", "index.md"), "utf8");
  writeFileSync(join(SOURCE, "index.md"), home);
  return contents;

  function write(path) {
    const text = forSite(path, read(path), copy);
    writeFileSync(join(SOURCE, `${pageOf(path)}.md`), text);
    return `/${pageOf(path)}`;
  }
}

/** Files keep their paths. Vite bundles the pictures that a page shows; what it links to, pictures too, is served as it is. */
function copy(path) {
  for (const to of [join(SOURCE, path), join(SOURCE, "public", path)]) {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(ROOT, path), to);
  }
}

/** One page with every example, under its name; its first comment is the introduction. */
function examples() {
  const names = readdirSync(join(ROOT, "examples")).filter((name) => name.endsWith(".mjs"));
  const parts = names.sort().map((name) => {
    const code = read(`examples/${name}`);
    const [comment] = code.match(/^(?:\/\/.*\n)+/) ?? [""];
    const lines = comment.replaceAll(/^\/\/ ?/gm, "");
    const prose = lines.split(/\n\s*\n/)[0].replaceAll(/[<>{}]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    return `## ${basename(name, ".mjs")}\n\n${prose}\n\n\`\`\`js\n${code.slice(comment.length)}\`\`\`\n`;
  });
  return `# Examples\n\nWhole programs, which the tests run. In a clone: \`npm run build && node examples/hamlet.mjs\`.\n\n${parts.join("\n")}`;
}
