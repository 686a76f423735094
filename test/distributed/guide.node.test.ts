import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load } from "../../src/index.js";
import { MAIN } from "../cli/run.js";
import { HAMLET } from "../internals/presets.js";
import { blocksOf } from "../markdown.js";
import { ROOT } from "../root.js";
import { launchers } from "./launchers.js";

// What docs/cluster.md has a reader do, on a small text and for one epoch, over the first MPI that is here.

const [launcher] = launchers();
const LIMIT = 60_000;
const execute = promisify(execFile);

describe.skipIf(!launcher)(`the guide for clusters${launcher ? "" : " (SKIPPED: there is no mpirun)"}`, async () => {
  const blocks = blocksOf(await readFile(join(ROOT, "docs", "cluster.md"), "utf8"));
  const commands = blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => [...code.matchAll(/^mpirun (.*?)-n (\d+) npx lstm-wasm (.*)$/gm)])
    .map(([, flags, ranks, rest]) => ({ flags: flags!.trim(), ranks: Number(ranks), rest: rest!.split(" ") }));
  const program = blocks.find(({ file }) => file === "program.mjs")!.code;
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lstm-wasm-cluster-"));
    await writeFile(join(folder, "book.txt"), HAMLET.repeat(4));
    await mkdir(join(folder, "node_modules"));
    await symlink(ROOT, join(folder, "node_modules", "lstm-wasm"), "junction");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Runs something on so many ranks, as where the launcher is on the PATH. */
  async function over(ranks: number, args: readonly string[]): Promise<string> {
    const [file, ...flags] = launcher!.command(ranks);
    const first = file!.includes("/") ? `${dirname(file!)}${delimiter}` : "";
    const env = { ...process.env, ...launcher!.env, PATH: `${first}${process.env["PATH"]}` };
    const { stdout } = await execute(file!, [...flags, process.execPath, ...args], {
      cwd: folder,
      env,
      timeout: LIMIT,
    });
    return stdout;
  }

  /** One rank after another reports to a terminal of its own, so the file is what shows the end. */
  const checkpoint = async () => load(await readFile(join(folder, "model.safetensors")));

  // The flags of a launcher name machines that are not here.
  test.each(commands)("$ mpirun -n $ranks npx lstm-wasm $rest", { timeout: LIMIT }, async ({ ranks, rest }) => {
    await rm(join(folder, "model.safetensors"), { force: true });
    await over(ranks, [
      MAIN,
      ...rest.filter((word, i) => word !== "--epochs" && rest[i - 1] !== "--epochs"),
      "--epochs",
      "1",
    ]);
    expect((await checkpoint()).parameterCount).toBeGreaterThan(0);
  });

  test("has commands", () => {
    expect(commands.map(({ ranks }) => ranks)).toEqual([2, 4, 4]);
  });

  test("the program", { timeout: LIMIT }, async () => {
    await rm(join(folder, "model.safetensors"), { force: true });
    await writeFile(
      join(folder, "program.mjs"),
      program.replace("epochs: 10", "epochs: 1").replace("batchSize: 128", "batchSize: 32"),
    );
    const written = await over(2, ["program.mjs"]);
    expect(written.split("\n\n")).toHaveLength(16);
    expect((await checkpoint()).config.hiddenSize).toBe(256);
  });
});
