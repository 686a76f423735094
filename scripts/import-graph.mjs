// Checks that imports point down: a file imports only from its own room or from rooms on lower floors, and there are no
// import cycles. Type-only imports count too. usage: node scripts/import-graph.mjs [src] [bench] [web]
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { isMain } from "./is-main.mjs";

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The floors of each house, lowest first. A room is a folder or a file; rooms on the same floor do not import one another.
 * A room may have floors of its own.
 */
const HOUSES = {
  src: {
    src: [
      ["common"],
      ["platform"],
      ["kernels"],
      ["network", "optim", "tables"],
      ["data", "decoding"],
      ["engine"],
      ["model"],
      ["inference"],
      ["training"],
      ["series"],
      ["checkpoint", "classification"],
      ["presets", "convert", "distributed"],
      [
        ...["cli", "index.ts", "inspect.ts", "presets.ts", "stream.ts", "words.ts"],
        ...["classify.ts", "forecast.ts", "convert.ts", "mpi.ts"],
      ],
      ["sweep", "inline.ts"],
      ["command", "sweep.ts"],
    ],
  },
  bench: {
    bench: [
      ["common"],
      ["cases"],
      ["measure"],
      ["report"],
      ["options.ts", "peers", "against"],
      [
        ...[
          "main.ts",
          "competitors",
          "results",
          "size.mjs",
          "convert-size.mjs",
          "cluster.mjs",
          "denoiser.mjs",
          "many-series.mjs",
          "simple-series.mjs",
          "calibration.mjs",
          "serving",
        ],
        "startup.mjs",
      ],
    ],
  },
  web: {
    "web/src": [["common", "offline"], ["book"], ["page", "worker"], ["main.tsx"]],
    "web/src/page": [
      ["elements"],
      ["options", "pictures"],
      ["session"],
      ["run", "inside"],
      ["text", "series"],
      ["app.tsx"],
    ],
    "web/src/worker": [
      ["scheduling"],
      ["run"],
      ["inference", "inside"],
      ["training", "series"],
      ["opening"],
      ["session.ts"],
      ["main.ts"],
    ],
  },
};
/** Checked when no house is named. */
const DEFAULT = ["src", "bench", "web"];

const SOURCE = /\.(ts|tsx|mjs|js)$/;

/**
 * @param {object} house
 * @param {string} house.root a folder
 * @param {string[][]} house.floors rooms by floor, lowest first: folders or files, relative to the root
 * @param {string[]} [house.files] the files to check, relative to the root; by default all sources under it
 * @param {Record<string, string[]>} [house.aliases] the files that a name such as `#platform` may stand for
 * @returns {{ rooms: number, arrows: number, problems: string[] }} the number of rooms, the number of pairs of rooms of
 *   which one imports the other, and one line per forbidden import, cycle, or file outside all rooms
 */
export function checkFloors({ root, floors, files = sourcesIn(root), aliases = {} }) {
  const rooms = new Map(floors.flatMap((names, floor) => names.map((name) => [name, floor])));
  const known = new Set(files);
  const roomOf = (file) => parents(file).find((path) => rooms.has(path));
  const problems = [];
  for (const name of rooms.keys())
    if (!files.some((file) => roomOf(file) === name)) problems.push(`${name} is a room without a file`);

  const arrows = new Set();
  const graph = new Map();
  for (const file of files) {
    const from = roomOf(file);
    if (from === undefined) problems.push(`${file} is in no room`);
    const imported = importsOf(join(root, file)).flatMap(({ line, name }) =>
      targetsOf(name, file, root, aliases)
        .filter((target) => known.has(target))
        .map((target) => ({ line, target })),
    );
    graph.set(file, [...new Set(imported.map(({ target }) => target))]);
    for (const { line, target } of imported) {
      const to = roomOf(target);
      if (from === undefined || to === undefined || from === to) continue;
      arrows.add(`${from} ${to}`);
      const up = rooms.get(to) - rooms.get(from);
      if (up >= 0) problems.push(`${file}:${line} imports ${target}, which is ${distance(up)}`);
    }
  }
  for (const circle of circlesIn(graph)) problems.push(`files import one another in a circle: ${circle.join(" → ")}`);
  return { rooms: rooms.size, arrows: arrows.size, problems };
}

const distance = (up) => (up === 0 ? "in another room on the same floor" : `${up} floor${up === 1 ? "" : "s"} up`);

/** A path and the folders around it, the longest first. */
function parents(path) {
  const parts = path.split("/");
  return parts.map((_, i) => parts.slice(0, parts.length - i).join("/"));
}

/** Sources under a folder, as paths relative to it with slashes. */
function sourcesIn(root) {
  const walk = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (entry.name === "node_modules") return [];
      const path = join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : SOURCE.test(entry.name) ? [path] : [];
    });
  return walk(root)
    .map((path) => relative(root, path).split(sep).join("/"))
    .sort();
}

/** The names that a file imports or re-exports, `import()` of modules and types included. */
function importsOf(path) {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const found = [];
  const visit = (node) => {
    const name = importedName(node);
    if (name !== undefined)
      found.push({ name, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function importedName(node) {
  let name;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) name = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node)) name = node.argument.literal;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) name = node.arguments[0];
  return name && ts.isStringLiteralLike(name) ? name.text : undefined;
}

/** The files that an import may refer to, relative to the root. A compiled file refers to its source. */
function targetsOf(name, file, root, aliases) {
  if (name in aliases) return aliases[name].map((path) => relative(root, path).split(sep).join("/"));
  if (!name.startsWith(".")) return [];
  const path = posix.normalize(posix.join(posix.dirname(file), name));
  const bare = path.replace(/\.js$/, "");
  return [...new Set([path, `${bare}.ts`, `${bare}.tsx`])];
}

/** For each group of files that import one another, a shortest cycle through its first file. */
function circlesIn(graph) {
  const seen = new Set();
  const circles = [];
  for (const start of graph.keys()) {
    const circle = seen.has(start) ? undefined : circleThrough(start, graph);
    if (!circle) continue;
    for (const file of graph.keys()) if (reaches(start, file, graph) && reaches(file, start, graph)) seen.add(file);
    circles.push(circle);
  }
  return circles;
}

function circleThrough(start, graph) {
  const paths = [[start]];
  const visited = new Set();
  for (const path of paths)
    for (const next of graph.get(path.at(-1))) {
      if (next === start) return [...path, start];
      if (visited.has(next)) continue;
      visited.add(next);
      paths.push([...path, next]);
    }
  return undefined;
}

function reaches(from, to, graph) {
  const visited = new Set([from]);
  for (const file of visited) for (const next of graph.get(file)) visited.add(next);
  return visited.has(to);
}

/** package.json's import names, resolved to their sources. */
function packageAliases() {
  const { imports = {} } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
  const pathsIn = (target) => (typeof target === "string" ? [target] : Object.values(target).flatMap(pathsIn));
  const sourceOf = (path) => resolve(REPOSITORY, path.replace(/^\.\/dist\//, "./src/").replace(/\.js$/, ".ts"));
  return Object.fromEntries(Object.entries(imports).map(([name, target]) => [name, pathsIn(target).map(sourceOf)]));
}

function main(names) {
  const unknown = names.filter((name) => !(name in HOUSES));
  if (unknown.length > 0) {
    console.error(`unknown house ${unknown.join(", ")}; the houses are ${Object.keys(HOUSES).join(", ")}`);
    return 2;
  }
  const aliases = packageAliases();
  let failed = false;
  for (const name of names)
    for (const [folder, floors] of Object.entries(HOUSES[name])) {
      const { rooms, arrows, problems } = checkFloors({ root: join(REPOSITORY, folder), floors, aliases });
      for (const problem of problems) console.error(`${folder}: ${problem}`);
      const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
      const verdict = problems.length === 0 ? "none upward, no circle" : count;
      console.log(
        `${folder}: ${rooms} rooms on ${floors.length} floors, ${arrows} arrow${arrows === 1 ? "" : "s"}, ${verdict}`,
      );
      failed ||= problems.length > 0;
    }
  return failed ? 1 : 0;
}

const names = process.argv.slice(2);
if (isMain(import.meta.url)) process.exitCode = main(names.length > 0 ? names : DEFAULT);
