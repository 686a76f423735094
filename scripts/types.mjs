// The declarations that are published: what the entries export and what these need, without what is @internal. The tests
// and the bench use the ones beside dist/'s modules, which have everything.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const whole = join(root, "build", "types");
const published = join(root, "dist", "types");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const OPTIONS = ["--emitDeclarationOnly", "--stripInternal", "--composite", "false", "--incremental", "false"];

for (const folder of [whole, published]) rmSync(folder, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "-p", root, ...OPTIONS, "--outDir", whole], { stdio: ["ignore", 2, 2] });

/** A file's statements by the names that they declare, and where its other names come from. */
function read(path) {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const file = { source, path, own: new Map(), foreign: new Map(), kept: new Set(), imports: new Map() };
  const from = (specifier) => resolve(dirname(path), specifier.text.replace(/\.js$/, ".d.ts"));
  for (const statement of source.statements) {
    const { moduleSpecifier } = statement;
    if (ts.isImportDeclaration(statement) && moduleSpecifier.text.startsWith(".")) {
      for (const { name, propertyName } of statement.importClause?.namedBindings?.elements ?? [])
        file.foreign.set(name.text, { path: from(moduleSpecifier), name: (propertyName ?? name).text });
    } else if (ts.isExportDeclaration(statement) && moduleSpecifier) {
      for (const { name, propertyName } of statement.exportClause?.elements ?? [])
        file.foreign.set(name.text, { path: from(moduleSpecifier), name: (propertyName ?? name).text });
    } else {
      const declared = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
      for (const { name } of declared)
        if (name) file.own.set(name.text, [...(file.own.get(name.text) ?? []), statement]);
    }
  }
  return file;
}

const files = new Map();
const fileOf = (path) => files.get(path) ?? files.set(path, read(path)).get(path);

/** Keeps what a name stands for in a file, and all that this needs. */
function keep(path, name) {
  const file = fileOf(path);
  for (const statement of file.own.get(name) ?? []) {
    if (file.kept.has(statement)) continue;
    file.kept.add(statement);
    const walk = (node) => {
      if (ts.isIdentifier(node)) {
        if (file.own.has(node.text)) keep(path, node.text);
        else if (file.foreign.has(node.text)) take(file, node.text);
      } else if (ts.isImportTypeNode(node))
        keep(resolve(dirname(path), node.argument.literal.text.replace(/\.js$/, ".d.ts")), node.qualifier.text);
      ts.forEachChild(node, walk);
    };
    ts.forEachChild(statement, walk);
  }
  if (!file.own.has(name) && file.foreign.has(name)) take(file, name, true);
}

function take(file, name, isExported = false) {
  const { path, name: original } = file.foreign.get(name);
  if (!file.imports.has(name)) file.imports.set(name, false);
  if (isExported) file.imports.set(name, true);
  keep(path, original);
}

const ENTRIES = [
  "index",
  "inspect",
  "presets",
  "stream",
  "words",
  "classify",
  "forecast",
  "convert",
  "mpi",
  "sweep",
  "inline",
];
const entries = ENTRIES.map((name) => join(whole, `${name}.d.ts`));
for (const path of entries) for (const name of fileOf(path).foreign.keys()) take(fileOf(path), name);

for (const { source, path, kept, imports, foreign } of files.values()) {
  const lines = [...imports].map(([name, isExported]) => {
    const { path: target, name: original } = foreign.get(name);
    const specifier = relative(dirname(path), target)
      .replaceAll("\\", "/")
      .replace(/\.d\.ts$/, ".js");
    const list = original === name ? name : `${original} as ${name}`;
    return `${isExported ? "export" : "import type"} { ${list} } from "${specifier.startsWith(".") ? specifier : `./${specifier}`}";\n`;
  });
  const statements = source.statements.filter((statement) => kept.has(statement)).map((node) => node.getFullText());
  const text = entries.includes(path) ? source.text : `${lines.join("")}${statements.join("")}\nexport {};\n`;
  const to = join(published, relative(whole, path));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
}
