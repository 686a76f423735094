// Why a release cannot be made here and now. Each reason says what to do.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { entriesOf } from "./changelog.mjs";

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-[\w.-]+)?$/;

/** A folder per released version, with checkpoints that it wrote. */
export const FIXTURES = join("test", "fixtures", "released");

/**
 * @param {string} root a checkout
 * @param {string} version the one to release
 * @returns {string[]} reasons; none if it can be released
 */
export function refusals(root, version) {
  const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const read = (...path) => readFileSync(join(root, ...path), "utf8");
  const reasons = [];
  const refuse = (condition, reason) => {
    if (condition) reasons.push(reason);
  };

  refuse(!VERSION.test(version), `a version is three numbers, such as 1.2.3: got ${version}`);
  const changed = git("status", "--porcelain");
  refuse(changed !== "", `the checkout is not clean; commit or remove what git status lists:\n${changed}`);
  const branch = git("rev-parse", "--abbrev-ref", "HEAD");
  refuse(branch !== "main", `releases are made on main, this is ${branch}`);

  const tags = git("tag", "--list", "v*").split("\n").filter(Boolean);
  refuse(tags.includes(`v${version}`), `v${version} is released: choose the next version`);
  const [last] = tags
    .map((tag) => tag.slice(1))
    .filter((tag) => VERSION.test(tag))
    .sort(byVersion)
    .slice(-1);
  refuse(last && byVersion(version, last) <= 0, `${version} is not above the last release, ${last}`);

  refuse(!entriesOf(read("CHANGELOG.md"), "Unreleased"), "CHANGELOG.md lists nothing under Unreleased");
  const { repository, homepage, bugs } = JSON.parse(read("package.json"));
  refuse(
    !(repository && homepage && bugs),
    "package.json names no repository: a person decides that, and fills it in with " +
      "npm run release -- --repository https://github.com/OWNER/NAME",
  );
  const folder = join(root, FIXTURES);
  const kept = existsSync(folder) ? readdirSync(folder) : [];
  for (const tag of tags)
    refuse(!kept.includes(tag.slice(1)), `${join(FIXTURES, tag.slice(1))} is missing: checkpoints that ${tag} wrote`);
  return reasons;
}

/** Orders versions by their numbers; one with a suffix comes before the one without. */
function byVersion(a, b) {
  const [, ...these] = a.match(VERSION) ?? [];
  const [, ...those] = b.match(VERSION) ?? [];
  for (let i = 0; i < 3; i++) if (these[i] !== those[i]) return Number(these[i]) - Number(those[i]);
  return Number(b.includes("-")) - Number(a.includes("-"));
}
