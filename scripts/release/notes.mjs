// Prints what the changelog says about a released version. usage: node scripts/release/notes.mjs vVERSION
import { readFileSync } from "node:fs";
import { entriesOf } from "./changelog.mjs";

const [, , tag = ""] = process.argv;
const version = tag.replace(/^v/, "");
const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

const packaged = JSON.parse(read("package.json")).version;
if (packaged !== version) throw new Error(`package.json is of version ${packaged}, the tag is ${tag || "missing"}`);
const entries = entriesOf(read("CHANGELOG.md"), version);
if (!entries) throw new Error(`CHANGELOG.md has no section ## ${version}: npm run release makes it`);
console.log(entries);
