import { exec } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { availableBackends, presets } from "../../src/index.js";
import { events, lstmWasm } from "./run.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("without options", () => {
  test("it learns Hamlet and recites it, with progress on stderr", async () => {
    const { code, stdout, stderr } = await lstmWasm(["train"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Ground truth:\n {2}o be, or not to be/);
    expect(stdout).toMatch(/Sampled prediction.*:\n {2}o be, or not to be/);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(`Written by the model alone: ${presets.hamlet.text}`);
    expect(stdout).toMatch(/Sampled accuracy: +(100\.00|99\.\d\d) %/);
    expect(stdout).toMatch(/Arg-max accuracy: +(100\.00|99\.[5-9]\d) %/);
    expect(stdout).toMatch(/Speed: +[\d,]+ tokens\/s with (relaxed-)?simd kernels/);
    expect(stderr).toMatch(/^Training an LSTM layer of 25 units.*866 characters \(32 distinct\), 1,000 epochs/);
    expect(stderr).toMatch(/epoch 1\/1000, loss 3\.\d+ \(5\.01 bits\), [\d,]+ tokens\/s\n/);
    expect(stderr).toMatch(/epoch 1000\/1000, loss 0\.00\d+/);
    expect(stderr).not.toContain("\r");
  });
});

describe("--json", () => {
  test("prints a start, every epoch and an end, by the names that programs rely on", async () => {
    const { code, stdout } = await lstmWasm(["train", "--json", "--quiet", "--epochs", "3", "--backend", "simd"]);
    expect(code).toBe(0);
    const [start, ...rest] = events(stdout);
    const end = rest.pop()!;
    expect(start).toMatchObject({
      event: "start",
      tokens: 866,
      vocabularySize: 32,
      parameters: 6632,
      backend: "simd",
      threads: 1,
      config: { hiddenSize: 25, epochs: 3, optimizer: "sgd", learningRate: 0.05, clipValue: 1, seed: 1 },
    });
    expect(rest.map(({ event, epoch, step }) => ({ event, epoch, step }))).toEqual(
      [1, 2, 3].map((n) => ({ event: "epoch", epoch: n, step: n })),
    );
    for (const name of ["trainLoss", "gradientNorm", "learningRate", "tokensPerSecond", "seconds"])
      for (const epoch of rest) expect(epoch[name]).toBeTypeOf("number");
    expect(end).toMatchObject({ event: "end", epochs: 3, trainLoss: rest[2]!["trainLoss"] });
    for (const name of ["accuracy", "sampledAccuracy", "seconds", "tokensPerSecond"])
      expect(end[name]).toBeTypeOf("number");
    expect(end["sample"]).toMatch(/^t/);
  });

  test("--threads decides who computes, and --gradient-shards what: a checkpoint keeps the shards", async () => {
    const out = join(folder, "threads.safetensors");
    const flags = ["--json", "--batch-size", "16", "--sequence-length", "20", "--optimizer", "adam"];
    const first = await lstmWasm(["train", ...flags, "--epochs", "2", "--threads", "2", "--out", out]);
    expect(first.stderr).toMatch(/kernels on 2 threads/);
    expect(first.code).toBe(0);
    expect(events(first.stdout)[0]).toMatchObject({ threads: 2, gradientShards: 2, config: { gradientShards: 2 } });
    const again = await lstmWasm(["train", "--json", "--resume", out, "--epochs", "3", "--threads", "1"]);
    expect(events(again.stdout)[0]).toMatchObject({ threads: 1, gradientShards: 2, config: { gradientShards: 2 } });
    const alone = await lstmWasm(["train", "--threads", "4", "--epochs", "1", "--json", "--quiet"]);
    expect(events(alone.stdout)[0]).toMatchObject({ threads: 1 });
  });

  test("a seed gives the same run, another seed another", async () => {
    const losses = async (seed: string) => {
      const { stdout } = await lstmWasm(["train", "--json", "--quiet", "--epochs", "5", "--seed", seed]);
      return events(stdout).map(({ trainLoss }) => trainLoss);
    };
    expect(await losses("1")).toEqual(await losses("1"));
    expect(await losses("1")).not.toEqual(await losses("2"));
  });

  test.each(availableBackends())("--backend %s is used", async (backend) => {
    const { stdout } = await lstmWasm(["train", "--json", "--quiet", "--epochs", "1", "--backend", backend]);
    expect(events(stdout)[0]).toMatchObject({ backend });
  });
});

describe("a text of one's own", () => {
  test("is read as UTF-8, lower-cased where that is asked for", async () => {
    const path = file("text.txt", "\ufeffÀ bientôt! 😀 ".repeat(40));
    const args = ["train", "--text", path, "--json", "--quiet", "--epochs", "2", "--hidden-size", "8"];
    const start = async (...more: string[]) => events((await lstmWasm([...args, ...more])).stdout)[0];
    // The byte-order mark at the start is no character of the text; those inside are.
    expect(await start()).toMatchObject({ tokens: 40 * 13 + 39, config: { batchSize: 32, optimizer: "adam" } });
    expect(await start("--lowercase", "--layers=2", "--batch-size=4", "--sequence-length=0")).toMatchObject({
      config: { layers: 2, batchSize: 4, sequenceLength: 0 },
    });
  });

  test("takes a preset's options with --preset", async () => {
    const path = file("own.txt", "nothing to be done. ".repeat(20));
    const { stdout } = await lstmWasm(["train", "--preset=hamlet", "--text", path, "--epochs=1", "--json", "--quiet"]);
    expect(events(stdout)[0]).toMatchObject({ tokens: 400, config: { hiddenSize: 25, optimizer: "sgd" } });
  });
});

describe("Ctrl-C", () => {
  const endless = ["--epochs", "100000000"];

  test.each(["SIGINT", "SIGTERM"] as const)("%s stops cleanly and reports", async (signal) => {
    const args = ["train", "--json", "--quiet", ...endless];
    const { code, stdout } = await lstmWasm(args, { signal, when: /"epoch":20,/ });
    expect(code).toBe(130);
    const all = events(stdout);
    expect(all.at(-1)).toMatchObject({ event: "end", interrupted: true, epochs: all.length - 2 });
  });

  test("says so in words, too", async () => {
    const { code, stdout } = await lstmWasm(["train", ...endless], { signal: "SIGINT", when: /epoch \d/ });
    expect(code).toBe(130);
    expect(stdout).toMatch(/^Interrupted\.\nLoss: +\d/);
  });
});

describe("a reader that closes the pipe early", () => {
  test("is no failure", async () => {
    const pipeline = `"${process.execPath}" dist/bundle/cli.js train --json --quiet | head -n 1`;
    const { stdout, stderr } = await promisify(exec)(pipeline, { shell: "/bin/sh" });
    expect(events(stdout)).toHaveLength(1);
    expect(stderr).toBe("");
  });
});

describe("bad input is answered with what is wrong, and a status that says so", () => {
  const failures: [name: string, args: () => string[], code: number, message: RegExp][] = [
    ["an empty text", () => ["--text", file("empty.txt", "")], 1, /empty\.txt is empty/],
    [
      "a text of one character",
      () => ["--text", file("one.txt", "a"), "--batch-size=1"],
      1,
      /at least 2 tokens, got 1/,
    ],
    ["a text too short for the batch", () => ["--text", file("five.txt", "abcde")], 1, /use a smaller --batch-size/],
    [
      "a missing file",
      () => ["--text", join(folder, "none.txt")],
      1,
      /none\.txt cannot be read: there is no such file/,
    ],
    ["a folder", () => ["--text", folder], 1, /cannot be read: it is a folder/],
    [
      "a file that is not UTF-8",
      () => ["--text", file("latin1.txt", Uint8Array.of(97, 98, 0xe9, 99))],
      1,
      /latin1\.txt is not UTF-8 \(byte 3\): convert it first/,
    ],
    ["a hidden size of 0", () => ["--hidden-size", "0"], 2, /--hidden-size: expected an integer from 1 to 8192, got 0/],
    ["a hidden size of −1", () => ["--hidden-size", "-1"], 2, /--hidden-size: expected an integer .* got -1/],
    ["a hidden size of 1.5", () => ["--hidden-size", "1.5"], 2, /--hidden-size: expected an integer .* got 1\.5/],
    ["a hidden size of 10⁹", () => ["--hidden-size", "1e9"], 2, /--hidden-size: expected an integer .* got 1000000000/],
    ["a hidden size in words", () => ["--hidden-size", "big"], 2, /--hidden-size: expected a number, got "big"/],
    [
      "an unknown backend",
      () => ["--backend", "cuda"],
      2,
      /--backend: expected one of auto, relaxed-simd, .* got "cuda"/,
    ],
    ["an unknown optimiser", () => ["--optimizer", "lion"], 2, /--optimizer: expected one of sgd, adam/],
    [
      "an unknown preset",
      () => ["--preset", "__proto__"],
      2,
      /--preset: expected one of hamlet, sentence, next-word, got "__proto__"/,
    ],
    [
      "an unknown option",
      () => ["--hiden-size", "3"],
      2,
      /unknown option --hiden-size: did you mean --hidden-size\?\n/,
    ],
    ["an abbreviation", () => ["--lr", "3"], 2, /unknown option --lr: did you mean --learning-rate\?\n/],
    ["a flag given twice", () => ["--epochs", "3", "--epochs=4"], 2, /--epochs is given twice/],
    [
      "an option without effect",
      () => ["--decay-rate", "0.1"],
      2,
      /--decay-rate: expected no value unless schedule is step/,
    ],
    [
      "momentum of Adam",
      () => ["--optimizer=adam", "--momentum=0.9"],
      2,
      /--momentum: .* unless optimizer is sgd, got 0.9/,
    ],
    ["--vocabulary for nothing", () => ["--vocabulary", "x.json"], 2, /--vocabulary needs --init-from FILE/],
    ["an option without its value", () => ["--epochs"], 2, /--epochs needs a value: N/],
    ["a value for a switch", () => ["--quiet=yes"], 2, /--quiet takes no value, got "yes"/],
    ["a word too many", () => ["hamlet"], 2, /unexpected argument "hamlet"/],
    ["no epoch", () => ["--epochs", "0"], 2, /--epochs: expected an integer of at least 1, got 0/],
  ];

  test.each(failures)("%s", async (_, args, expectedCode, message) => {
    const { code, stdout, stderr } = await lstmWasm(["train", ...args()]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\bat .*\.js:\d/);
    expect(stdout).toBe("");
    expect(code).toBe(expectedCode);
  });

  test("training that diverges", async () => {
    const { code, stderr } = await lstmWasm(["train", "--learning-rate", "3e38", "--quiet"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^lstm-wasm: training diverged in epoch \d+, step \d+: loss .*gradient norm .*learning rate 3e\+38/,
    );
  });

  test("a command that there is not, or none", async () => {
    for (const args of [["trian"], []]) {
      const { code, stderr } = await lstmWasm(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/The commands are train/);
    }
  });
});

describe("--help", () => {
  test("tells the commands, and each command's options", async () => {
    const top = await lstmWasm(["--help"]);
    expect(top).toMatchObject({ code: 0, stderr: "" });
    expect(top.stdout).toContain("train a model on a text");
    const { code, stdout, stderr } = await lstmWasm(["train", "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const flag of ["--preset NAME", "--text FILE", "--hidden-size N", "--clip-norm X", "--json", "--quiet"])
      expect(stdout).toContain(flag);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(110);
  });
});
