import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CheckpointError, characters, createModel, load, saveChunks } from "../../src/index.js";
import { validate } from "../internals/checkpoint.js";
import { withSource, writeWhole } from "../internals/cli.js";
import { lstmWasm } from "./run.js";

// LARGE=1 npm test -- test/cli/large
const isWanted = process.env["LARGE"] === "1";
const skipped = isWanted ? "" : " (SKIPPED: LARGE=1 asks for it; 7 GB of memory, 5 GB of disk, minutes)";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(!isWanted)(
  `a run with a checkpoint beyond 2 GiB is written, read, resumed and inspected${skipped}`,
  {
    timeout: 3_600_000,
  },
  async () => {
    const path = join(folder, "large.safetensors");
    writeFileSync(join(folder, "text"), "abcdefgh");
    const sizes = ["--hidden-size=3900", "--layers=2", "--batch-size=1", "--sequence-length=4"];
    const run = ["train", "--quiet", "--json", "--threads=1"];
    const first = await lstmWasm([...run, `--text=${join(folder, "text")}`, ...sizes, "--epochs=1", `--out=${path}`]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(statSync(path).size).toBeGreaterThan(2 ** 31);
    const inspected = await lstmWasm(["inspect", path, "--json"]);
    expect(JSON.parse(inspected.stdout).training.progress.epoch).toBe(1);
    const text = `--text=${join(folder, "text")}`;
    expect(await lstmWasm([...run, `--resume=${path}`, text, "--epochs=2"])).toMatchObject({ code: 0, stderr: "" });
    const again = await lstmWasm(["inspect", path, "--json"]);
    expect(JSON.parse(again.stdout).training.progress.epoch).toBe(2);
  },
);

test("a small one takes the same way", async () => {
  const model = await createModel({ vocabulary: characters("abc"), hiddenSize: 4, backend: "simd" });
  const path = join(folder, "small.safetensors");
  await writeWhole(path, saveChunks(model), { verify: validate });
  const again = await withSource(path, (source) => load(source, { backend: "simd" }));
  const pieces = Array.from(saveChunks(again));
  expect(Buffer.concat(pieces).equals(readFileSync(path))).toBe(true);
  // What is not the model any more, when the pieces come.
  writeFileSync(path, Buffer.concat(pieces).subarray(0, -4));
  await expect(withSource(path, (source) => load(source))).rejects.toThrow(CheckpointError);
});
