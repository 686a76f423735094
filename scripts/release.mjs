// Makes a release from a clean checkout of main: checks, version, changelog, checkpoints of this version for the tests, one
// commit and its tag. It pushes and publishes nothing: pushing the tag is a person's decision, and the workflow publishes it.
// Without --commit it only says what it would do, and packs the package for show. Imports only Node's own modules.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { withAddress } from "./release/address.mjs";
import { entriesOf, released } from "./release/changelog.mjs";
import { FIXTURES, refusals } from "./release/refusals.mjs";

const HELP = `usage: npm run release -- VERSION [--commit]
       npm run release -- --repository https://github.com/OWNER/NAME

  VERSION           such as 0.2.0; docs/versions.md says which one it is to be
  --commit          make the commit and the tag; without it, only say what would be done
  --repository URL  fill in package.json's repository, homepage and bugs
`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (name) => readFileSync(join(root, name), "utf8");
const write = (name, text) => writeFileSync(join(root, name), text);
const say = (text) => process.stdout.write(`${text}\n`);

/** Runs a program in this terminal, and ends with its status if it fails. On Windows, npm is a .cmd file and needs a shell. */
function run(program, ...args) {
  const shell = program === "npm" && process.platform === "win32";
  const { status } = spawnSync(program, args, { cwd: root, stdio: "inherit", shell });
  if (status !== 0) process.exit(status ?? 1);
}

function release(version, commit) {
  const reasons = refusals(root, version);
  for (const reason of reasons) say(`REFUSED: ${reason}`);
  if (commit && reasons.length > 0) process.exit(1);

  const date = new Date().toISOString().slice(0, 10);
  if (!commit) {
    const entries = entriesOf(read("CHANGELOG.md"), "Unreleased")?.split("\n").length ?? 0;
    say(`\nA release of ${version} would`);
    say("  run .ci/run");
    say(`  set the version in package.json and package-lock.json`);
    say(`  put CHANGELOG.md's ${entries} unreleased lines under ## ${version} - ${date}`);
    say(`  write checkpoints of this version to ${join(FIXTURES, version)}`);
    say(`  commit that as "Release ${version}" and tag it v${version}\n`);
    run("npm", "publish", "--dry-run", "--ignore-scripts");
    process.exit(reasons.length > 0 ? 1 : 0);
  }

  run("bash", join(".ci", "run"));
  run("npm", "version", version, "--no-git-tag-version", "--allow-same-version");
  write("CHANGELOG.md", released(read("CHANGELOG.md"), version, date));
  run(process.execPath, join("scripts", "run.mjs"), "build");
  run(process.execPath, join("scripts", "release", "fixtures.mjs"), version);
  run("git", "add", "package.json", "package-lock.json", "CHANGELOG.md", FIXTURES);
  run("git", "commit", "--quiet", "-m", `Release ${version}`);
  run("git", "tag", "--annotate", `v${version}`, "-m", `lstm-wasm ${version}`);
  const commitId = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  say(`\nv${version} is ${commitId}. To publish it: git push origin main v${version}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { commit: { type: "boolean" }, repository: { type: "string" }, help: { type: "boolean" } },
});
if (values.repository) write("package.json", withAddress(read("package.json"), values.repository));
else if (positionals.length === 1 && !values.help) release(positionals[0], values.commit ?? false);
else {
  say(HELP);
  process.exit(values.help ? 0 : 2);
}
