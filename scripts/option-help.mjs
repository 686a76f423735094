// Collects the help texts of all options: the comments above the entries of the tables named …_OPTIONS (and of tables
// they spread) in src/. So an option is documented where it is declared, and nowhere else.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tables = new Map();

for (const source of readdirSync(join(root, "src"), { recursive: true }).filter((name) => name.endsWith(".ts"))) {
  const path = join(root, "src", source);
  const parsed = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  for (const statement of parsed.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations)
      if (initializer && ts.isObjectLiteralExpression(initializer)) tables.set(name.getText(), initializer);
  }
}

/** The comments of a table's entries, by option. */
function textsOf(table) {
  const texts = {};
  for (const property of tables.get(table)?.properties ?? []) {
    if (ts.isSpreadAssignment(property)) Object.assign(texts, textsOf(property.expression.getText()));
    const comment = ts.getJSDocCommentsAndTags(property)[0]?.comment;
    if (ts.isPropertyAssignment(property) && comment !== undefined)
      texts[property.name.getText()] = ts.getTextOfJSDocComment(comment).replace(/\s+/g, " ");
  }
  return texts;
}

const names = [...tables.keys()].filter((name) => /_OPTIONS?$/.test(name)).sort();
const help = Object.fromEntries(names.map((name) => [name, textsOf(name)]));
mkdirSync(join(root, "build"), { recursive: true });
writeFileSync(join(root, "build", "option-help.js"), `export const OPTION_HELP = ${JSON.stringify(help, null, 2)};\n`);
