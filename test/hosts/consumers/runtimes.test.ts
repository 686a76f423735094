import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { expectedResult, NO_THREAD, type Result } from "./expected.js";
import { execute, Project } from "./project.js";

let project: Project;
let expected: Result;

beforeAll(async () => {
  [project, expected] = await Promise.all([Project.install("runtimes"), expectedResult()]);
}, 120_000);

const installed = (path: string) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

const RUNTIMES: [name: string, program: string, args: string[]][] = [
  ["Node", process.execPath, []],
  ["Deno", installed("@deno/linux-x64-glibc/deno"), ["run", "--allow-read", "--no-remote"]],
  ["Bun", installed("@oven/bun-linux-x64/bin/bun"), ["run"]],
];

describe.each(RUNTIMES)("%s", (name, program, args) => {
  const isHere = existsSync(program);

  test.skipIf(!isHere).each(["lstm-wasm", "lstm-wasm/inline"])(
    `imports %s${isHere ? "" : ` (SKIPPED: there is no ${name} here)`}`,
    async (entry) => {
      const path = await project.writeProgram(`${name}-${entry.length}.mjs`, entry);
      expect(await project.resultOf(program, ...args, path)).toEqual(expected);
    },
  );
});

test("Node requires it", async () => {
  const required = (code: string) => code.replaceAll(/import (\{.*\}) from (".*");/g, "const $1 = require($2);");
  const path = await project.writeProgram("program.cjs", "lstm-wasm", required);
  expect(await project.resultOf(process.execPath, path)).toEqual(expected);
});

test("esbuild joins a program for Node with the inline form", async () => {
  const entry = await project.writeProgram("program.mjs", "lstm-wasm/inline");
  const outfile = project.path("esbuild", "program.mjs");
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "node", logLevel: "error" });
  expect(await project.resultOf(process.execPath, outfile)).toEqual({ ...expected, warnings: [NO_THREAD] });
});

test("the command trains", async () => {
  const command = project.path("node_modules", ".bin", "lstm-wasm");
  const flags = ["--epochs", "20", "--backend", "simd", "--json", "--quiet"];
  const shell = process.platform === "win32";
  const { stdout } = await execute(command, ["train", ...flags], { cwd: project.folder, shell });
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.findLast(({ event }) => event === "epoch")?.["trainLoss"]).toBe(expected.hamlet);
});
