import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type SweepEvent, type SweepOptions, sweep } from "../../src/sweep.js";
import { events, lstmWasm, MAIN, Running } from "../cli/run.js";
import { FULL, withMore } from "../full.js";
import { emptyFolder, isAlive, resultsIn, runKilled, trialsIn, until } from "./sweeps.js";

/** Seven units on the soliloquy: an epoch takes a millisecond or two. */
const HAMLET = ["--preset", "hamlet", "--backend", "simd", "--hidden-size", "7", "--validation-fraction", "0.2"];
/** Trials that take a moment. */
const SHORT: Pick<SweepOptions, "sampler" | "train" | "vary" | "parallel"> = {
  sampler: "grid",
  ...{ vary: { dropout: [0, 0.1, 0.2] }, train: [...HAMLET, "--epochs", "2"], parallel: 1 },
};
/** More than any test waits for. */
const FOREVER = [...HAMLET, "--epochs", "1000000"];

const sweeps = (folder: string, ...own: string[]) => ["--dir", join(folder, "sweep"), "--json", ...own];

describe("a sweep", () => {
  test("resumes the trials that it promotes to the bits of a run that was never stopped", async () => {
    const folder = await emptyFolder();
    const out = join(folder, "best.safetensors");
    const halving = sweeps(folder, "--sampler", "halving", "--trials", "3", "--seed", "5", "--out", out);
    const vary = ["--vary", "learning-rate=1e-2:1e-1", "--vary", "schedule=cosine"];
    const { code, stdout } = await lstmWasm(["sweep", ...vary, ...halving, "--", ...HAMLET, "--epochs", "12"]);
    expect(code).toBe(0);
    const all = events(stdout);
    expect(all[0]).toMatchObject({
      event: "start",
      trials: 3,
      sampler: "halving",
      rungs: [4, 12],
      metric: "validationLoss",
    });
    const end = all.at(-1) as {
      best: { trial: number; values: { learningRate: number }; metric: number };
      trials: object[];
    };
    expect(end.best).toMatchObject({ state: "done", epochs: 12 });
    expect(end.trials.map((trial) => (trial as { state: string }).state)).toEqual(["done", "stopped", "stopped"]);
    const whole = join(folder, "whole.safetensors");
    const rate = ["--learning-rate", String(end.best.values.learningRate), "--schedule", "cosine"];
    await lstmWasm([
      "train",
      ...HAMLET,
      ...rate,
      "--epochs",
      "12",
      "--threads",
      "1",
      "--quiet",
      "--json",
      "--out",
      whole,
    ]);
    expect(await readFile(out)).toEqual(await readFile(whole));
  });

  test("goes on after any kill, and ends with the table of one that was never killed", async () => {
    const folder = await emptyFolder();
    const args = (name: string) => [
      ...["--vary", "learning-rate=1e-3:1e-1", "--vary", "dropout=0:0.5", "--trials", "3"],
      ...["--dir", join(folder, name), "--json", "--", ...HAMLET, "--epochs", "4", "--checkpoint-every", "1"],
    ];
    const unbroken = await lstmWasm(["sweep", ...args("unbroken")]);
    expect(unbroken.code).toBe(0);
    const kills = await runKilled(args("killed"), join(folder, "killed"), 2, 1);
    expect(kills.sweeps + kills.trials).toBe(2);
    expect(await resultsIn(join(folder, "killed"))).toBe(await resultsIn(join(folder, "unbroken")));
  });

  test.skipIf(!FULL)("at random goes on with more trials, but not with fewer", async () => {
    const folder = await emptyFolder();
    const run = (trials: string) =>
      lstmWasm([
        ...["sweep", "--vary", "learning-rate=1e-3:1e-1", "--trials", trials],
        ...[...sweeps(folder), "--", ...HAMLET, "--epochs", "1"],
      ]);
    expect((await run("2")).code).toBe(0);
    const first = await resultsIn(join(folder, "sweep"));
    const { code, stdout } = await run("3");
    expect([code, events(stdout)[0]]).toEqual([0, expect.objectContaining({ trials: 3, results: 2 })]);
    const rows = (table: string) => table.split("\n").map((row) => row.replace(/^\d+,/, ""));
    expect(rows(await resultsIn(join(folder, "sweep")))).toEqual(expect.arrayContaining(rows(first)));
    expect(await run("2")).toMatchObject({ code: 1, stderr: expect.stringContaining("at least 3") });
  });

  test("leaves no trial behind when it is killed", async () => {
    const folder = await emptyFolder();
    const own = sweeps(folder, "--vary", "dropout=0,0.1", "--parallel", "2");
    const running = new Running(["sweep", ...own, "--", ...FOREVER]);
    await until(() => trialsIn(join(folder, "sweep")).length === 2, "two trials");
    const trials = trialsIn(join(folder, "sweep"));
    running.kill("SIGKILL");
    await running.ended;
    await until(() => !trials.some(isAlive), "the end of the trials");
  });

  test.each(
    withMore<[string, boolean, number]>(
      [["lets go of them", false, 130]],
      [["no longer reads what they say either", true, 1]],
    ),
  )("has trials that save what they have when it %s", async (_, isDeaf, code) => {
    const folder = await emptyFolder();
    const out = join(folder, "model.safetensors");
    const stdio = ["ignore", "pipe", "inherit", "ipc"] as const;
    const env = { ...process.env, LSTM_WASM_FOLLOWS_PARENT: "1" };
    const args = [MAIN, "train", ...FOREVER, "--quiet", "--json", "--out", out];
    const child = spawn(process.execPath, args, { stdio: [...stdio], env });
    const ended = once(child, "exit");
    await new Promise<void>((resolve) =>
      child.stdout!.on("data", (piece) => String(piece).includes('"event":"epoch"') && resolve()),
    );
    if (isDeaf) {
      child.stdout!.destroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.disconnect();
    expect(await ended).toEqual([code, null]);
    expect((await lstmWasm(["inspect", out])).stdout).toContain("of 1,000,000");
  });

  test("has trials that do not begin without it", async () => {
    const env = { ...process.env, LSTM_WASM_FOLLOWS_PARENT: "1" };
    const child = spawn(process.execPath, [MAIN, "train", ...FOREVER], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env,
    });
    child.disconnect();
    // Whether it got as far as to answer the signal itself or not.
    expect([
      [143, null],
      [null, "SIGTERM"],
    ]).toContainEqual(await once(child, "exit"));
  });

  test("ends its trials at Ctrl-C, and says how it goes on", async () => {
    const folder = await emptyFolder();
    const dir = join(folder, "sweep");
    const running = new Running([
      "sweep",
      "--vary",
      "dropout=0,0.1",
      "--parallel",
      "1",
      "--dir",
      dir,
      "--",
      ...FOREVER,
    ]);
    await until(() => trialsIn(dir).length === 1, "a trial");
    const [trial] = trialsIn(dir);
    running.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toContain("The same command goes on");
    expect(isAlive(trial!)).toBe(false);
    expect(stdout).toMatch(/1 +waiting|1 +paused/);
  });

  test("is not run by two processes at once, nor in the folder of another", async () => {
    const folder = await emptyFolder();
    const command = ["sweep", "--vary", "dropout=0,0.1", "--parallel", "1", ...sweeps(folder), "--"];
    const running = new Running([...command, ...FOREVER]);
    await until(() => trialsIn(join(folder, "sweep")).length === 1, "a trial");
    const second = await lstmWasm([...command, ...FOREVER]);
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("being written by another run")]);
    const [trial] = trialsIn(join(folder, "sweep"));
    running.kill("SIGKILL");
    await running.ended;
    await until(() => !isAlive(trial!), "the end of the trial");
    const other = await lstmWasm([...command, ...HAMLET, "--epochs", "3"]);
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("a sweep with another train")]);
  });

  test("says what is wrong with its journal", async () => {
    const dir = await emptyFolder();
    const journal = join(dir, "sweep.json");
    await sweep({ ...SHORT, vary: { dropout: [0] }, dir });
    const sound = JSON.parse(await readFile(journal, "utf8"));
    for (const [change, why] of [
      [null, "is not the journal of a sweep"],
      [{ ...sound, trials: undefined }, "is not the journal of a sweep"],
      [{ ...sound, identity: null }, "a sweep with another vary: null rather than"],
      [{ ...sound, trials: [null] }, "is damaged: trial 1"],
      [{ ...sound, trials: [{ results: [{ state: "won" }] }] }, "is damaged: trial 1"],
      [{ ...sound, identity: { ...sound.identity, data: { "a.txt": "00" } } }, "a sweep with other data"],
    ] as const) {
      await writeFile(journal, JSON.stringify(change));
      const failure = await sweep({ ...SHORT, vary: { dropout: [0] }, dir }).catch((error: Error) => error);
      expect(failure).toMatchObject({ name: "SweepError", message: expect.stringContaining(why) });
    }
  });

  test("goes on only with the data that it began with", async () => {
    const dir = await emptyFolder();
    const text = join(dir, "text.txt");
    await writeFile(text, "to be or not to be ".repeat(20));
    const train = [`--text=${text}`, ...["--validation-fraction=0.2", "--epochs=1", "--hidden-size=4"]];
    const run = () => sweep({ vary: { dropout: [0] }, sampler: "grid", dir, train });
    await run();
    await writeFile(text, "or not to be to be ".repeat(20));
    await expect(run()).rejects.toThrow("a sweep with other data");
    await rm(text);
    await expect(run()).rejects.toMatchObject({
      name: "InputError",
      message: expect.stringContaining("cannot be read"),
    });
  });

  test("ends when a disk is full, and goes on when there is room", async () => {
    const dir = join(await emptyFolder(), "sweep");
    const train = ["--preset", "hamlet", "--validation-fraction=0.2", "--epochs=1", "--hidden-size=64"];
    const args = ["sweep", "--vary", "dropout=0,0.1", "--sampler", "grid", "--dir", dir, "--json", "--", ...train];
    // Room for the journal and the report, but for no checkpoint.
    const full = await new Running(args, { limit: "ulimit -f 100" }).ended;
    expect([full.code, full.stderr]).toEqual([1, expect.stringMatching(/safetensors cannot be written: .*size limit/)]);
    const { code, stdout } = await lstmWasm(args);
    expect([code, events(stdout)[0]]).toEqual([0, expect.objectContaining({ results: 0 })]);
  });

  test("says before the first trial where it cannot write", async () => {
    const folder = await emptyFolder();
    const own = { ...SHORT, onEvent: () => expect.unreachable() };
    const out = sweep({ ...own, dir: folder, out: join(folder, "none", "best.safetensors") });
    await expect(out).rejects.toThrow(/best\.safetensors cannot be written: no such file or folder/);
    await writeFile(join(folder, "file"), "");
    await expect(sweep({ ...own, dir: join(folder, "file", "x") })).rejects.toThrow(
      /cannot be written: part of the path/,
    );
  });

  test("goes on with trials that fail or diverge, and says why", async () => {
    const folder = await emptyFolder();
    const text = join(folder, "text.txt");
    await writeFile(text, "to be or not to be ".repeat(20));
    const vary = ["--vary", "learning-rate=0.01,1e30", "--vary", "batch-size=2,2000", "--sampler", "grid"];
    const train = [
      "--text",
      text,
      "--validation-fraction",
      "0.2",
      "--epochs",
      "2",
      "--hidden-size",
      "4",
      "--optimizer",
      "sgd",
    ];
    const { code, stdout } = await lstmWasm([
      "sweep",
      ...vary,
      ...sweeps(folder),
      "--",
      ...train,
      "--sequence-length",
      "5",
    ]);
    expect(code).toBe(0);
    const { best, trials } = events(stdout).at(-1) as { best: object; trials: { state: string; error?: string }[] };
    expect(best).toMatchObject({ trial: 1, state: "done" });
    expect(trials.map(({ state }) => state)).toEqual(["done", "failed", "diverged", "failed"]);
    expect(trials[1]!.error).toMatch(/too (short|few)|at most|expected/);
  });
});

test("goes on while its report cannot be written, and says so in the end", async () => {
  const dir = await emptyFolder();
  const report = join(dir, "results.csv");
  let done = 0;
  let later = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + later);
  onTestFinished(() => clock.mockRestore());
  const onEvent = (event: SweepEvent) => {
    if (event.event !== "trial") return;
    // As if a spreadsheet had it open, and each trial took a while.
    if (event.state === "running") rmSync(report, { recursive: true, force: true });
    if (event.state === "running") mkdirSync(report);
    else done++;
    later += 60_000;
  };
  await expect(sweep({ ...SHORT, dir, onEvent })).rejects.toThrow(/results\.csv cannot be written: it is a folder/);
  expect(done).toBe(3);
  rmSync(report, { recursive: true });
  const { trials } = await sweep({ ...SHORT, dir, onEvent: (event) => expect(event.event).not.toBe("trial") });
  expect((await resultsIn(dir)).split("\n")).toHaveLength(trials.length + 2);
});

describe("the command", () => {
  const refused = async (own: string[], train: string[]) => {
    const { code, stderr } = await lstmWasm(["sweep", ...own, "--dir", "/nowhere/at/all", "--", ...train]);
    return [code, stderr];
  };

  test.each([
    [[], HAMLET, "--vary NAME=VALUES is required"],
    [["--vary", "dropout"], HAMLET, "expected NAME=VALUES"],
    [["--vary", "droput=0,1"], HAMLET, "did you mean dropout?"],
    [["--vary", "__proto__=0,1"], HAMLET, "__proto__ is no option of train"],
    [["--vary", "dropout=0,0.1"], ["--preset", "hamlet"], "pass --validation-fraction"],
    [["--vary", "dropout=0,0.1"], [...HAMLET, "--dropout", "0.5"], "dropout is among the flags of train too"],
    [["--vary", "dropout=0,0.1"], [...HAMLET, "--out", "x"], "--out cannot be combined with a sweep"],
    [["--vary", "dropout=0,0.1"], [...HAMLET, "--hiden-size", "3"], "did you mean --hidden-size?"],
    [["--vary", "dropout=0,0.1", "--sampler", "halving"], HAMLET, "halving needs --epochs"],
    [
      ["--vary", "dropout=0,0.1", "--min-epochs", "3"],
      HAMLET,
      "--min-epochs: expected no value unless --sampler is halving",
    ],
    [["--vary", "dropout=0,0.1", "--sampler", "bayes"], HAMLET, "expected one of grid, random, halving"],
    [
      ["--vary", "loss=mse,huber"],
      ["--csv", "x.csv", "--target", "y", "--test-rows", "0", "--test-fraction", "0"],
      "measure nothing",
    ],
  ])("%j is refused", async (own, train, why) => {
    expect(await refused(own, train)).toEqual([2, expect.stringContaining(why)]);
  });

  test("says what a queue needs where it is not installed", async () => {
    const folder = await emptyFolder();
    const queue = ["--queue", "redis://127.0.0.1:1"];
    const sweep = await lstmWasm(["sweep", "--vary", "dropout=0,0.1", ...sweeps(folder), ...queue, "--", ...HAMLET]);
    expect([sweep.code, sweep.stderr]).toEqual([1, expect.stringContaining("npm install bullmq ioredis")]);
    const worker = await lstmWasm(["sweep-worker", ...queue]);
    expect([worker.code, worker.stderr]).toEqual([1, expect.stringContaining("npm install bullmq ioredis")]);
    const address = await lstmWasm(["sweep-worker", "--queue", "http://localhost"]);
    expect([address.code, address.stderr]).toEqual([2, expect.stringContaining("redis://localhost:6379")]);
  });
});
