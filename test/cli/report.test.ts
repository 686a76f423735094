import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load, OutOfMemoryError } from "../../src/index.js";
import { getTrainingRun } from "../../src/inspect.js";
import { presets } from "../../src/presets.js";
import { memoryNeeds, planMemory } from "../internals/cli.js";
import { events, lstmWasm } from "./run.js";

// The final report of a run, and the refusal of one that cannot start.

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at("text.txt"), presets.hamlet.text);
});
afterAll(() => rmSync(folder, { recursive: true }));
const train = (...args: string[]) => lstmWasm(["train", "--quiet", "--backend=simd", ...args], { cwd: folder });

describe("the closing report", () => {
  test("of a large text covers the beginning of it, and says so", async () => {
    writeFileSync(at("large.txt"), presets.hamlet.text.repeat(200));
    const { stdout } = await train("--text=large.txt", "--epochs=1", "--batch-size=50", "--hidden-size=4");
    // 50 streams of 1999.
    expect(stdout).toMatch(/^On the first 99,951 of 173,200 characters:\n\nGround truth:\n {2}o be, or not/);
    expect(stdout).toMatch(/^Next character: +"." predicted as character 99,951 of 173,200$/m);
  });

  test("says which character is predicted if the batch skips some", async () => {
    const { stdout } = await train("--text=text.txt", "--epochs=1", "--batch-size=32");
    expect(stdout).toMatch(/^On the first 865 of 866 characters:$/m);
    expect(stdout).toMatch(/predicted as character 865 of 866$/m);
    expect((await train("--text=text.txt", "--epochs=1", "--batch-size=1")).stdout).toMatch(
      /predicted as the text's last$/m,
    );
  });

  test("distinguishes one from several", async () => {
    const { stdout, stderr } = await lstmWasm(["train", "--epochs=1"]);
    expect(stdout).toMatch(/^Training: +1 epoch, 1 update,/m);
    expect(stderr).toMatch(/, 1 epoch,/);
  });
});

describe("why a run is over", () => {
  test("by its epochs", async () => {
    const { stdout } = await train("--text=text.txt", "--epochs=2", "--json");
    expect(events(stdout).at(-1)).toMatchObject({ event: "end", epochs: 2, stopReason: "epochs" });
    expect(events(stdout).at(-1)).not.toHaveProperty("bestEpoch");
  });

  test("by its epochs, much worse than it was: the report says what is kept", async () => {
    await train("--preset=hamlet", "--epochs=100", "--out=derailed");
    const more = ["--resume=derailed", "--epochs=110", "--learning-rate=0.2"];
    const end = events((await train(...more, "--json", "--out=worse")).stdout).at(-1)!;
    const { trainLosses, bestEpoch } = getTrainingRun(await load(readFileSync(at("worse"))))!;
    const least = Math.min(...trainLosses.slice(99));
    expect(end).toMatchObject({ stopReason: "epochs", bestEpoch: trainLosses.indexOf(least) + 1 });
    expect(bestEpoch).toBe(end["bestEpoch"]);
    expect(end).not.toHaveProperty("validationLoss");
    expect(trainLosses.at(-1)! / least).toBeGreaterThan(1.1);
    expect((await train("--resume=worse")).stdout).toMatch(
      /^Kept: +the parameters of epoch 10\d, whose loss was 0\.\d+: the last one is \d+\.\d+ ?% above it\. --init-from /m,
    );
  });

  test("by patience: the report names the epochs of its figures, the parameters that are kept, and how to continue", async () => {
    const noise = Array.from({ length: 1500 }, (_, i) => "abcdefgh"[(i * i * 7 + ((i * 31) % 17)) % 8]).join("");
    writeFileSync(at("noise.txt"), noise);
    const args = [
      "--validation-fraction=0.3",
      "--patience=2",
      "--learning-rate=0.05",
      "--batch-size=2",
      "--epochs=300",
    ];
    const { stdout } = await train("--text=noise.txt", "--json", "--out=patient", ...args);
    const end = events(stdout).at(-1)!;
    const losses = events(stdout)
      .slice(1, -1)
      .map(({ validationLoss }) => validationLoss as number);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(end).toMatchObject({ stopReason: "patience", bestEpoch: best, epochs: best + 2 });
    const again = await lstmWasm(["train", "--resume=patient", "--epochs=500"], { cwd: folder });
    expect(again.stderr).toMatch(/Nothing left to train: .* for 2 epochs; raise --patience to continue/);
    expect(again.stdout).toMatch(new RegExp(`^Loss: .* in epoch ${best + 2}, from`, "m"));
    expect(again.stdout).toMatch(new RegExp(`^Validation loss: .* in epoch ${best}, from`, "m"));
    expect(again.stdout).toMatch(/ of 500, ended by --patience 2, .*; the model has the parameters of epoch \d+$/m);
  });

  test("by divergence: the last good parameters are in the file, and the log has an end", async () => {
    const args = ["--optimizer=sgd", "--learning-rate=1e38", "--epochs=30", "--out=diverged", "--log=log"];
    const { code, stderr } = await train("--text=text.txt", ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/training diverged in epoch \d+, step/);
    expect(events(readFileSync(at("log"), "utf8")).at(-1)).toMatchObject({ event: "end", stopReason: "diverged" });
    const model = await load(readFileSync(at("diverged")));
    for (const { name } of model.tensors) expect(model.tensor(name).every(Number.isFinite)).toBe(true);
    model.free();
  });

  test("by divergence after a resume: the file to retry from stays", async () => {
    await train("--text=text.txt", "--optimizer=sgd", "--epochs=2", "--out=good");
    const before = readFileSync(at("good"));
    expect((await train("--resume=good", "--epochs=40", "--learning-rate=1e38")).code).toBe(1);
    expect(readFileSync(at("good")).equals(before)).toBe(true);
  });

  test("inspect counts no epochs of fewer", async () => {
    await train("--text=text.txt", "--epochs=5", "--out=five");
    await train("--resume=five", "--epochs=2", "--out=two");
    expect(existsSync(at("two"))).toBe(true);
    expect((await lstmWasm(["inspect", at("two")])).stdout).toMatch(/^Training: +5 epochs, \d+ updates$/m);
  });
});

describe("a run that does not fit into memory", () => {
  const plan = (size: number) => ({
    model: { hiddenSize: 128 },
    training: { gradientShards: 1 },
    vocabulary: { size, level: "word" as const },
    length: () => size,
  });

  test("is counted by what its memory is for", () => {
    const { parameters, gradients, ...others } = memoryNeeds(plan(1000));
    // 1000 one-hot columns of 4 · 128, the recurrence, both biases, and 1000 rows of 128.
    expect(parameters).toBe(4 * (1000 * 512 + 128 * 512 + 512 + 1000 * 128 + 1000));
    expect(gradients).toBe(parameters);
    expect(others["optimizer state"]).toBe(3 * parameters!);
    expect(others.activations).toBeGreaterThan(4 * 50 * 32 * 1000);
  });

  test("is refused before it begins, with what would help", () => {
    expect(planMemory(plan(1000))).toBeUndefined();
    expect(() => planMemory(plan(300_000), 2 ** 32)).toThrow(OutOfMemoryError);
    expect(() => planMemory(plan(300_000), 2 ** 32)).toThrow(/MiB for parameters, .*--max-tokens 100000 \(/);
    expect(planMemory(plan(60_000), 2 ** 34)).toMatch(
      /^The run takes .* MiB of memory; it takes less with --embedding/,
    );
  });

  test("on the command line", async () => {
    writeFileSync(at("words.txt"), Array.from({ length: 300_000 }, (_, i) => `w${i}`).join(" "));
    const { code, stderr, stdout } = await train("--text=words.txt", "--level=word");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/out of memory: \d+ MiB requested \(.* for parameters.*; there are .* --max-tokens/);
  });
});

describe("what comes from around the command", () => {
  test("--version", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect((await lstmWasm(["--version"])).stdout).toBe(`${version}\n`);
    const { code, stdout } = await lstmWasm(["--version", "--verbose"], { ownProcess: true });
    expect(code).toBe(0);
    const facts = Object.fromEntries(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(/: +/, 2)),
    );
    expect(facts).toMatchObject({
      "lstm-wasm": version,
      packages: expect.stringMatching(/^fflate \d.*, jsfive \d.*, pbf \d/),
    });
    expect(facts["Node"]).toContain(process.versions.node);
    expect(facts["backends"].split(", ").toSorted()).toEqual(["javascript", "relaxed-simd", "simd"]);
    expect(facts["threads"]).toBe(`${availableParallelism()}, with shared memory`);
    for (const fact of ["system", "processor", "features", "isolation"]) expect(facts[fact]).toMatch(/\S/);
    const { code: wrong, stderr } = await lstmWasm(["--version", "--verbos"]);
    expect([wrong, stderr]).toEqual([2, "lstm-wasm: --version takes no other option than --verbose, got --verbos\n"]);
  });

  test("options that npm took for itself", async () => {
    const limit = "export npm_lifecycle_event=train npm_config_text=true npm_config_hidden_size=8";
    const { code, stderr } = await lstmWasm(["train", "text.txt"], { limit, cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/npm took --text, --hidden-size for itself: .* npm run train -- --text … --hidden-size …/);
    const given = ["train", "--text=text.txt", "--hidden-size=8", "--epochs=1", "--quiet"];
    expect((await lstmWasm(given, { limit, cwd: folder })).code).toBe(0);
    const elsewhere = "export npm_lifecycle_event=start npm_config_text=true";
    expect((await lstmWasm(given, { limit: elsewhere, cwd: folder })).code).toBe(0);
  });
});
