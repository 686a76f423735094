// Publishes this version, unless the registry has it. So a workflow that failed halfway can be run again, and a first version that was
// published by hand gets its release and its site. usage: node scripts/release/publish.mjs [options of npm publish]
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { name, version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
const options = process.argv.slice(2);

/** On Windows npm is a .cmd file, which only a shell starts. */
const npm = (args, stdio) =>
  spawnSync("npm", args, { cwd: root, encoding: "utf8", stdio, shell: process.platform === "win32" });

// Nothing on stdout stands for a version that is not there, whether the package is or not.
const known = npm(["view", `${name}@${version}`, "version"], ["ignore", "pipe", "ignore"]).stdout?.trim();
if (known === version) console.log(`${name} ${version} is published already`);
else process.exitCode = npm(["publish", ...options], "inherit").status ?? 1;
