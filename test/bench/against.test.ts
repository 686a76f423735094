import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkOut } from "../../bench/against/checkout.js";
import { compare } from "../../bench/against/compare.js";

const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), "lstm-wasm-against-"));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

/** A checkout whose benchmark reports these cases, one speed per round. */
function checkout(speeds: Record<string, number[]>): string {
  const root = folder();
  mkdirSync(join(root, "build", "bench"), { recursive: true });
  const program = `import { existsSync, readFileSync, writeFileSync } from "node:fs";
    const round = existsSync("round") ? Number(readFileSync("round", "utf8")) : 0;
    writeFileSync("round", String(round + 1));
    const results = Object.entries(${JSON.stringify(speeds)}).map(([name, all]) => ({
      case: name, backend: "simd", threads: 1, tokensPerSecond: all[round], args: process.argv.slice(2),
    }));
    console.log(JSON.stringify({ results }));`;
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(join(root, "build", "bench", "main.js"), program);
  return root;
}

test("ratios are taken round by round, over the cases that both have", () => {
  const here = checkout({ a: [10, 30, 10], b: [1, 1, 1] });
  const there = checkout({ a: [5, 10, 10], c: [1, 1, 1] });
  expect(compare(here, there, ["--case", "a"], 3)).toEqual([
    { case: "a", backend: "simd", threads: 1, here: 10, there: 10, ratio: 2, lowest: 1, highest: 3 },
  ]);
});

test("a commit is checked out and built once; one that does not exist is named", () => {
  const root = folder();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main", ...args], {
      cwd: root,
      encoding: "utf8",
    });
  git("init", "--quiet");
  mkdirSync(join(root, "scripts"));
  // What stands for a build.
  writeFileSync(
    join(root, "scripts", "run.mjs"),
    'import { writeFileSync } from "node:fs"; writeFileSync("built", "1");',
  );
  git("add", "-A");
  git("commit", "--quiet", "-m", "first");
  const made = checkOut("HEAD", root);
  folders.push(made.folder);
  expect(made.commit).toBe(git("rev-parse", "HEAD").slice(0, 12));
  expect(checkOut("main", root)).toEqual(made);
  expect(() => checkOut("nowhere", root)).toThrow('git knows no commit "nowhere"');
  expect(() => checkOut("--help", root)).toThrow('git knows no commit "--help"');
});
