import { exec } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { presets } from "../../src/presets.js";
import { events, lstmWasm, MAIN } from "./run.js";

/** A text with what Hamlet's has not. */
const LICENSE = fileURLToPath(new URL("../../LICENSE", import.meta.url));

let folder: string;
const at = (name: string) => join(folder, name);
const bytes = (name: string) => readFileSync(at(name));

/** A few epochs on Hamlet in four streams; every process adds its options. */
const train = (...args: string[]) =>
  lstmWasm(["train", "--quiet", "--json", "--backend=simd", ...args], { cwd: folder });
const small = () => ["--text", at("text.txt"), "--hidden-size=8", "--batch-size=4", "--sequence-length=20"];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at("text.txt"), presets.hamlet.text.repeat(2));
  await train(...small(), "--epochs=6", "--out", at("six.safetensors"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("--out and --resume", () => {
  test("two epochs and then up to six are six, byte for byte", async () => {
    await train(...small(), "--epochs=2", "--out", at("a.safetensors"));
    const { code, stdout } = await train("--resume", at("a.safetensors"), "--epochs=6");
    expect(code).toBe(0);
    expect(events(stdout).map(({ event, epoch }) => epoch ?? event)).toEqual(["start", 3, 4, 5, 6, "end"]);
    expect(events(stdout).at(-1)).toMatchObject({ epochs: 6, checkpoint: at("a.safetensors") });
    expect(bytes("a.safetensors").equals(bytes("six.safetensors"))).toBe(true);
  });

  test("a resumed run keeps its kernels, unless others are asked for", async () => {
    const last = async (...args: string[]) =>
      events((await lstmWasm(["train", "--quiet", "--json", ...args], { cwd: folder })).stdout)[0]!.backend;
    await train(...small(), "--epochs=2", "--out", at("kept.safetensors"));
    expect(await last("--resume", at("kept.safetensors"), "--epochs=6")).toBe("simd");
    expect(bytes("kept.safetensors").equals(bytes("six.safetensors"))).toBe(true);
    expect(await last("--resume", at("kept.safetensors"), "--epochs=7", "--backend=javascript")).toBe("javascript");
  });

  test("Ctrl-C writes the checkpoint, in the middle of an epoch too, and resuming completes the run", async () => {
    const endless = [...small(), "--epochs=100000", "--out", at("b.safetensors"), "--validation-fraction=0.1"];
    const args = ["train", "--json", "--quiet", "--backend=simd", ...endless];
    const stopped = await lstmWasm(args, { signal: "SIGINT", when: /"epoch":30,/ });
    expect(stopped.code).toBe(130);
    expect(events(stopped.stdout).at(-1)).toMatchObject({ interrupted: true, checkpoint: at("b.safetensors") });
    const { epochs } = events(stopped.stdout).at(-1) as { epochs: number };
    const target = `--epochs=${epochs + 5}`;
    expect((await train("--resume", at("b.safetensors"), target)).code).toBe(0);
    await train(...small(), target, "--validation-fraction=0.1", "--out", at("c.safetensors"));
    expect(bytes("b.safetensors").equals(bytes("c.safetensors"))).toBe(true);
  });

  test("a failing thread costs nothing: the checkpoint is written, and can be resumed", async () => {
    const args = [
      "train",
      ...small(),
      "--quiet",
      "--json",
      "--backend=simd",
      "--gradient-shards=3",
      "--threads=3",
      "--epochs=100000",
    ];
    const preload = new URL("./kill-thread.mjs", import.meta.url);
    const limit = `export NODE_OPTIONS=--import=${preload}`;
    const failed = await lstmWasm([...args, "--out", at("t.safetensors")], { limit });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^lstm-wasm: a worker thread failed: .*Resume the run/m);
    const last = events(failed.stdout).at(-1) as { epoch: number };
    const again = await train("--resume", at("t.safetensors"), `--epochs=${last.epoch + 3}`);
    expect(again.code).toBe(0);
    expect(events(again.stdout)[1]).toMatchObject({ epoch: last.epoch + 1 });
  });

  test("--out with --resume leaves the first file unchanged", async () => {
    const before = bytes("six.safetensors");
    await train("--resume", at("six.safetensors"), "--epochs=7", "--out", at("seven.safetensors"));
    expect(bytes("six.safetensors").equals(before)).toBe(true);
    expect(existsSync(at("seven.safetensors"))).toBe(true);
  });

  test("a preset's checkpoint finds its text by itself", async () => {
    await train("--preset=hamlet", "--epochs=3", "--out", at("hamlet.safetensors"));
    const { stdout } = await train("--resume", at("hamlet.safetensors"), "--epochs=4");
    expect(events(stdout).at(-1)).toMatchObject({ epochs: 4 });
  });

  test("a text that has moved can be named again", async () => {
    writeFileSync(at("moved.txt"), presets.hamlet.text.repeat(2));
    const { code } = await train(
      "--resume",
      at("six.safetensors"),
      "--text",
      at("moved.txt"),
      "--epochs=7",
      "--out",
      at("d"),
    );
    expect(code).toBe(0);
  });

  const refusals: [args: string[], code: number, message: RegExp][] = [
    [["--hidden-size=9"], 2, /--hidden-size: expected 8, as in the checkpoint, got 9/],
    [["--layers=2"], 2, /--layers: expected 1, as in the checkpoint, got 2/],
    [["--seed=5"], 2, /--seed: expected 1, as in the checkpoint, got 5/],
    [["--batch-size=5"], 2, /--batch-size: expected 4, as in the resumed run, got 5/],
    [["--optimizer=sgd"], 2, /--optimizer: expected adam, as in the resumed run, got "sgd"/],
    [["--preset=hamlet"], 2, /--preset cannot be combined with --resume, which keeps the checkpoint's/],
    [["--lowercase", `--text=${LICENSE}`], 1, /not in the vocabulary: .*U\+[0-9A-F]{4}/],
  ];
  test.each(refusals)("%j is refused", async (args, expectedCode, message) => {
    const { code, stderr } = await train("--resume", at("six.safetensors"), ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(expectedCode);
  });

  test("a file that is damaged or not a checkpoint is rejected", async () => {
    expect((await train("--resume", at("text.txt"))).stderr).toMatch(/^lstm-wasm: .*header length: expected/);
    writeFileSync(at("cut.safetensors"), bytes("six.safetensors").subarray(0, -10));
    const { code, stderr } = await train("--resume", at("cut.safetensors"));
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/expected.*got/) });
  });

  test("--checkpoint-every needs a file, and a number above 0", async () => {
    expect((await train("--checkpoint-every=2")).stderr).toMatch(/--checkpoint-every needs --out FILE/);
    expect((await train("--checkpoint-every=0", "--out", at("e"))).stderr).toMatch(
      /--checkpoint-every: expected an integer/,
    );
  });

  test("a missing folder is detected before training", async () => {
    const { code, stdout, stderr } = await train(...small(), "--out", at("no/where.safetensors"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/no\/where\.safetensors cannot be written: no such file or folder/);
    expect(stdout).toBe("");
  });

  test("a file that the command also reads or writes otherwise is rejected", async () => {
    const text = readFileSync(at("text.txt"));
    const same: [string[], RegExp][] = [
      [["--out", at("text.txt")], /--text and --out are the same file/],
      [["--out", at("g"), "--plot", at("g")], /--out and --plot are the same file/],
      [["--out", at("g"), "--log", `${folder}/./g`], /--out and --log are the same file/],
    ];
    for (const [args, message] of same)
      expect(await train(...small(), ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    const resumed: [string[], RegExp][] = [
      [["--out", at("g"), "--plot", at("six.safetensors")], /are the same file/],
      [["--plot", at("text.txt")], /--text and --plot are the same file/],
    ];
    for (const [args, message] of resumed)
      expect(await train("--resume", at("six.safetensors"), ...args)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(message),
      });
    expect(readFileSync(at("text.txt")).equals(text)).toBe(true);
    expect((await train(...small(), "--out=")).stderr).toMatch(/--out needs a non-empty value/);
    expect((await train(...small(), "--out=/dev/null")).stderr).toMatch(/it is not a regular file/);
  });

  test("a link to a checkpoint stays a link", async () => {
    symlinkSync(at("target.safetensors"), at("link.safetensors"));
    writeFileSync(at("target.safetensors"), "");
    await train(...small(), "--epochs=1", "--out", at("link.safetensors"));
    expect(lstatSync(at("link.safetensors")).isSymbolicLink()).toBe(true);
    expect(bytes("target.safetensors").length).toBeGreaterThan(1000);
  });

  test("a closed pipe or an ended session leaves a checkpoint", async () => {
    const args = [...small(), "--epochs=100000", "--json", "--quiet", "--out", at("piped.safetensors")];
    const command = `"${process.execPath}" "${MAIN}" train ${args.map((arg) => `"${arg}"`).join(" ")} | head -n 3`;
    await promisify(exec)(command, { shell: "/bin/sh" });
    expect(JSON.parse((await lstmWasm(["inspect", at("piped.safetensors"), "--json"])).stdout)).toMatchObject({
      training: { progress: { epoch: expect.any(Number) } },
    });
    rmSync(at("piped.safetensors"));
    expect((await lstmWasm(["train", ...args], { signal: "SIGHUP", when: /"epoch":5,/ })).code).toBe(130);
    expect(existsSync(at("piped.safetensors"))).toBe(true);
  });

  test("a pipe that is closed before the report leaves the checkpoint without its lock", async () => {
    const args = [...small(), "--epochs=2", "--quiet", "--out", at("unread.safetensors")];
    const command = `"${process.execPath}" "${MAIN}" train ${args.map((arg) => `"${arg}"`).join(" ")}; echo $? >&2`;
    const { stderr } = await promisify(exec)(`{ ${command}; } | true`, { shell: "/bin/sh" });
    // Killed by SIGPIPE, it would be 141.
    expect(stderr).toBe("0\n");
    expect(existsSync(at("unread.safetensors"))).toBe(true);
    expect(existsSync(at("unread.safetensors.lock"))).toBe(false);
  });

  test("PyTorch's parameters can be inspected, generate text, and be trained further", async () => {
    const file = fileURLToPath(new URL("../fixtures/from-pytorch.safetensors", import.meta.url));
    writeFileSync(at("letters.json"), JSON.stringify([..."abcdefghi"]));
    writeFileSync(at("letters.txt"), "abcdefghi".repeat(50));
    expect((await lstmWasm(["inspect", file])).stdout).toMatch(/from another program.*lstm\.weight_hh_l1/s);
    const generate = ["generate", "--model", file, "--prompt=abc", "--length=5"];
    expect((await lstmWasm(generate)).stderr).toMatch(/not a usable checkpoint: .*pass one with --vocabulary FILE/);
    expect((await lstmWasm([...generate, "--vocabulary", at("letters.json")])).stdout).toMatch(/^abc[a-i]{5}\n$/);
    const further = [
      "--init-from",
      file,
      "--vocabulary",
      at("letters.json"),
      "--text",
      at("letters.txt"),
      "--epochs=2",
    ];
    const { code, stdout } = await train(...further, "--batch-size=2", "--out", at("further.safetensors"));
    expect(code).toBe(0);
    expect(events(stdout)[0]).toMatchObject({ config: { hiddenSize: 6, layers: 2 } });
  });

  test("no unfinished file is left anywhere", () => {
    expect(readdirSync(folder).filter((name) => name.includes("writing"))).toEqual([]);
  });
});

describe("--plot and --log", () => {
  test("draw the curves and append the events, across a resumption too", async () => {
    const args = ["--out", at("f.safetensors"), "--plot", at("f.svg"), "--log", at("f.jsonl")];
    const first = await train(...small(), "--validation-fraction=0.2", "--epochs=3", ...args);
    const second = await train("--resume", at("f.safetensors"), "--epochs=5", ...args.slice(2));
    expect(readFileSync(at("f.jsonl"), "utf8")).toBe(first.stdout + second.stdout);
    const svg = readFileSync(at("f.svg"), "utf8");
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain("epoch 5");
    expect(events(second.stdout)[1]).toMatchObject({ epoch: 4, validationLoss: expect.any(Number) });
  });
});

describe("generate", () => {
  const generate = (...args: string[]) => lstmWasm(["generate", "--model", at("six.safetensors"), ...args]);

  test("prints the prompt and continues it", async () => {
    const { code, stdout } = await generate("--prompt", "to be", "--length", "40");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^to be.{40}\n$/s);
  });

  test("--json gives the text alone, and the speed", async () => {
    const { stdout } = await generate("--prompt", "to be", "--length", "40", "--json");
    const { text, tokensPerSecond } = JSON.parse(stdout) as { text: string; tokensPerSecond: number };
    expect([...text]).toHaveLength(40);
    expect(tokensPerSecond).toBeGreaterThan(0);
  });

  test("takes all its options", async () => {
    const options = [
      "--length=30",
      "--temperature=0.7",
      "--top-k=5",
      "--top-p=0.9",
      "--seed=3",
      "--backend=javascript",
    ];
    const [once, twice] = [await generate("--prompt=to", ...options), await generate("--prompt=to", ...options)];
    expect(once.code).toBe(0);
    expect(once.stdout).toBe(twice.stdout);
    expect((await generate("--prompt=to", "--greedy", "--stop", " ")).stdout).toMatch(/^to[^ ]* \n$/);
  });

  test("--threads share samples, and change nothing", async () => {
    const samples = ["--prompt=to", "--samples=8", "--length=20"];
    const one = await generate(...samples, "--threads=1");
    expect(one.code).toBe(0);
    expect(one.stdout.split("---\n")).toHaveLength(8);
    expect((await generate(...samples, "--threads=2")).stdout).toBe(one.stdout);
    const alone = await generate("--prompt=to", "--length=300");
    expect((await generate("--prompt=to", "--length=300", "--threads=2")).stdout).toBe(alone.stdout);
  });

  test("an unknown character is named, or skipped", async () => {
    const refused = await generate("--prompt", "to Be");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/"B" \(U\+0042\) at position 3 is not in the vocabulary/);
    expect((await generate("--prompt", "to Be", "--skip-unknown", "--length=3")).code).toBe(0);
  });

  test("missing flags are named", async () => {
    expect((await generate()).stderr).toMatch(/--prompt is required/);
    expect((await lstmWasm(["generate", "--prompt=x"])).stderr).toMatch(/--model is required/);
    expect((await generate("--prompt=x", "--length=-1")).stderr).toMatch(/--length: expected an integer of at least 0/);
    expect((await generate("--prompt=x", "--temperature=0")).stderr).toMatch(
      /--temperature: expected a number above 0/,
    );
  });
});

describe("evaluate", () => {
  test("prints its figures, in words or as JSON", async () => {
    const args = ["evaluate", "--model", at("six.safetensors"), "--text", at("text.txt")];
    const { stdout } = await lstmWasm([...args, "--json"]);
    const { tokens, loss, perplexity, bitsPerCharacter, accuracy } = JSON.parse(stdout) as Record<string, number>;
    expect(tokens).toBe(1731);
    expect(perplexity).toBeCloseTo(Math.exp(loss!));
    expect(bitsPerCharacter).toBeCloseTo(loss! / Math.LN2);
    expect(accuracy).toBeGreaterThan(0.1);
    expect((await lstmWasm(args)).stdout).toContain(`Loss:                 ${loss!.toFixed(4)} nats per character`);
  });
});

describe("inspect", () => {
  test("shows the contents of a checkpoint", async () => {
    const { stdout } = await lstmWasm(["inspect", at("six.safetensors"), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      config: { hiddenSize: 8, layers: 1, seed: 1 },
      vocabularySize: 32,
      backend: "simd",
      tensors: expect.arrayContaining([{ name: "lstm.weight_hh_l0", dtype: "F32", shape: [32, 8] }]),
      training: { config: { batchSize: 4, optimizer: "adam" }, progress: { epoch: 6 } },
    });
    const words = (await lstmWasm(["inspect", at("six.safetensors")])).stdout;
    expect(words).toMatch(/Training: {4}epoch 6 of 6/);
    expect(words).toMatch(/lstm\.weight_hh_l0 +F32 {2}\[32, 8\]/);
  });

  test("needs one file", async () => {
    expect(await lstmWasm(["inspect"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("expected one file, got 0"),
    });
  });
});
