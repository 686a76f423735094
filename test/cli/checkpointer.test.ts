import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { characters, createModel, load, save, train } from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { validate } from "../internals/checkpoint.js";
import { Checkpointer, Lock, targetOf, WriteError, writeWhole } from "../internals/cli.js";
import { writeTensor } from "../internals/network.js";
import { leftTraining } from "../internals/training.js";
import { lstmWasm } from "./run.js";

// A good checkpoint gives its place only to one that can be loaded.

const { text } = presets.hamlet;
let folder: string;
let lock: Lock;
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  lock = await Lock.take(await targetOf(at("m")));
});
afterEach(() => {
  lock.release();
  rmSync(folder, { recursive: true });
});

async function trained() {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 5 });
  for await (const _ of train(model, text, { epochs: 1, batchSize: 2 }));
  return model;
}

test("a model that could not be loaded again leaves the file unchanged, with the reason", async () => {
  const model = await trained();
  const checkpointer = new Checkpointer(lock, model, undefined);
  await checkpointer.write();
  const good = readFileSync(at("m"));
  const moments = leftTraining(model)!.optimizerState.get("exp_avg_sq")!;
  const before = moments[0]!;
  moments[0] = Number.POSITIVE_INFINITY;
  await expect(checkpointer.write()).rejects.toThrow(WriteError);
  await expect(checkpointer.write()).rejects.toThrow(
    /m was left unchanged: the new checkpoint could not be loaded: .*\["training\.exp_avg_sq\.lstm\.weight_ih_l0"\]\[0\]: .*, got Infinity/,
  );
  moments[0] = before;
  const bias = model.tensor("linear.bias");
  bias[3] = Number.NaN;
  // setTensor would reject it.
  const { engine } = model;
  const tensor = engine.table.tensors.find(({ name }) => name === "linear.bias")!;
  writeTensor(tensor, bias, engine.floats, engine.parameters / 4);
  await expect(checkpointer.write()).rejects.toThrow(/left unchanged: .*\["linear\.bias"\]\[3\]: .*, got NaN/);
  expect(readFileSync(at("m")).equals(good)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["m", "m.lock"]);
});

test("data that the disk corrupts do not replace the file", async () => {
  const target = await targetOf(at("m"));
  const bytes = save(await trained());
  await writeWhole(target, bytes, { verify: validate });
  const good = readFileSync(at("m"));
  const unfinished = ".lstm-wasm-1-0123456789ab.writing";
  const damages: ((path: string) => void)[] = [
    (path) => truncateSync(path, bytes.length - 4),
    (path) => writeFileSync(path, readFileSync(path).fill(0, 100, 200)),
    // A single number, which is as good as the one before.
    (path) => writeFileSync(path, readFileSync(path).fill(7, bytes.length - 4)),
    (path) => rmSync(path),
  ];
  for (const damage of damages) {
    // As soon as all of it is written, which is some turns of the event loop before it is read again.
    const lookFor = () => {
      const status = statSync(at(unfinished), { throwIfNoEntry: false });
      if (status?.size === bytes.length) damage(at(unfinished));
      else setImmediate(lookFor);
    };
    lookFor();
    await expect(writeWhole(target, bytes, { unfinished, verify: validate })).rejects.toThrow(
      /m cannot be|cannot be read/,
    );
    expect(readFileSync(at("m")).equals(good)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["m", "m.lock"]);
  }
  const refuse = () => {
    throw new WriteError("not this one");
  };
  await expect(writeWhole(target, bytes, { verify: refuse })).rejects.toThrow("not this one");
  expect(readFileSync(at("m")).equals(good)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["m", "m.lock"]);
});

test("an existing unfinished file is not touched, and links are not followed", async () => {
  const target = await targetOf(at("m"));
  const unfinished = ".lstm-wasm-1-0123456789ab.writing";
  writeFileSync(at(unfinished), "another's");
  await expect(writeWhole(target, "new", { unfinished })).rejects.toThrow(/m cannot be written: EEXIST/);
  expect(readFileSync(at(unfinished), "utf8")).toBe("another's");
});

test("a run whose moments overflow keeps the checkpoint that it resumed from", {
  timeout: 60_000,
}, async () => {
  lock.release();
  const common = ["--backend=simd", "--quiet", "--json"];
  const start = ["train", "--preset=sentence", "--optimizer=rmsprop", "--learning-rate=0.01", "--seed=17", ...common];
  expect((await lstmWasm([...start, "--epochs=50", `--out=${at("m")}`])).code).toBe(0);
  const { code } = await lstmWasm(["train", `--resume=${at("m")}`, "--epochs=150", "--learning-rate=0.5", ...common]);
  // Whether it comes through or not, there is a checkpoint that can be loaded.
  expect([0, 1]).toContain(code);
  await expect(load(readFileSync(at("m")))).resolves.toBeDefined();
  expect(readdirSync(folder)).toEqual(["m"]);
});
