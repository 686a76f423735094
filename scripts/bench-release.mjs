// This checkout's speed beside the last release's, as a table in Markdown: in the summary of a workflow, else on stdout.
// usage: npm run bench:release -- [--against COMMIT] [options of npm run bench]
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMain } from "./is-main.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The newest tag that leads to this commit and is not this commit; undefined before the first release. */
function lastRelease() {
  try {
    const args = ["describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"];
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

/** The comparisons of `npm run bench -- --against … --out FILE` as a table. */
export function summary({ comparisons }, release) {
  const rows = comparisons.map(
    ({ case: name, backend, threads, ratio, lowest, highest }) =>
      `| ${name} | ${backend} | ${threads} | ${ratio.toFixed(3)} | ${lowest.toFixed(3)}–${highest.toFixed(3)} |`,
  );
  const head = "| case | backend | threads | ratio | rounds |\n| --- | --- | --- | --- | --- |";
  return `Tokens per second, as a multiple of ${release}'s, both sampled in turns.\n\n${[head, ...rows].join("\n")}\n`;
}

function publish(text) {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file) appendFileSync(file, text);
  else process.stdout.write(text);
}

function main(args) {
  const at = args.indexOf("--against");
  const [release] = at < 0 ? [lastRelease()] : args.splice(at, 2).slice(1);
  if (!release) return publish("There is no release yet to compare this with.\n");
  const out = join(root, "build", "bench-release.json");
  mkdirSync(dirname(out), { recursive: true });
  const bench = [join(root, "build", "bench", "main.js"), "--against", release, "--out", out, ...args];
  const { status } = spawnSync(process.execPath, bench, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
  publish(summary(JSON.parse(readFileSync(out, "utf8")), release));
}

if (isMain(import.meta.url)) main(process.argv.slice(2));
