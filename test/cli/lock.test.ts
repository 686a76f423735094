import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { presets } from "../../src/presets.js";
import { FULL, withMore } from "../full.js";
import { events, lstmWasm, Running } from "./run.js";

let folder: string;
let started: Running[];
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  started = [];
  writeFileSync(at("text.txt"), presets.hamlet.text);
});
afterEach(async () => {
  for (const running of started) running.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  rmSync(folder, { recursive: true });
});

const COMMON = {
  text: "text.txt",
  backend: "simd",
  "hidden-size": "8",
  "batch-size": "4",
  epochs: "2",
};

/** A run's arguments: the usual flags, unless others replace them. */
function wordsOf(args: string[]): string[] {
  const usual = Object.entries(COMMON).filter(([name]) => !args.some((arg) => arg.startsWith(`--${name}=`)));
  return ["train", "--json", "--quiet", ...usual.map(([name, value]) => `--${name}=${value}`), ...args];
}

const short = (...args: string[]) => lstmWasm(wordsOf(args), { cwd: folder });
const inOwnProcess = (...args: string[]) => lstmWasm(wordsOf(args), { cwd: folder, ownProcess: true });

/** A run that lasts until it gets a signal. */
function endless(...args: string[]): Running {
  const running = new Running(wordsOf(["--epochs=100000000", "--checkpoint-every=1", ...args]), { cwd: folder });
  started.push(running);
  return running;
}

/** An endless run that has written its checkpoint. */
async function begun(...args: string[]): Promise<Running> {
  const running = endless(...args);
  await running.until(/"epoch":2,/);
  return running;
}

const lock = (name = "m") => JSON.parse(readFileSync(at(`${name}.lock`), "utf8")) as Record<string, unknown>;
/** Writes a lock file with these values. */
const forge = (values: object, name = "m") =>
  writeFileSync(at(`${name}.lock`), `${JSON.stringify({ ...MODEL_LOCK, ...values })}\n`);
const MODEL_LOCK = {
  mark: "lstm-wasm lock",
  pid: 1,
  host: hostname(),
  since: "2026-01-01T00:00:00.000Z",
  start: "",
  unfinished: ".lstm-wasm-1-0123456789ab.writing",
};

/** The pid of a process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ["--version"]).pid;

/** The folder's files besides the text. */
const left = () => readdirSync(folder).filter((name) => name !== "text.txt");

describe("while a run writes a checkpoint", () => {
  test("another run is rejected with the process named, and changes nothing", async () => {
    const first = await begun("--out=m");
    expect(lock()).toMatchObject({ pid: first.pid, host: hostname() });
    const second = await short("--out=m");
    expect(second.code).toBe(1);
    expect(second.stdout).toBe("");
    expect(second.stderr).toMatch(
      new RegExp(`^lstm-wasm: m is being written by another run, process ${first.pid}, since "20.*--force\n$`),
    );
    first.kill("SIGINT");
    const { code, stdout } = await first.ended;
    expect(code).toBe(130);
    const { epochs } = events(stdout).at(-1) as { epochs: number };
    const { stdout: found } = await lstmWasm(["inspect", "--json", at("m")]);
    expect(JSON.parse(found)).toMatchObject({ training: { progress: { epoch: epochs } } });
    expect(left()).toEqual(["m"]);
    expect((await short("--out=m")).code).toBe(0);
  });

  test("so is a run that resumes it, and one under another name", async () => {
    mkdirSync(at("real"));
    symlinkSync("real", at("alias"));
    symlinkSync("real/m", at("link"));
    const first = await begun("--out=real/m");
    for (const args of [["--out=alias/m"], ["--out=link"], [`--out=${at("real/m")}`]])
      expect((await short(...args)).stderr, args[0]).toMatch(`process ${first.pid}`);
    const resumed = await lstmWasm(["train", "--resume=link", "--quiet"], { cwd: folder });
    expect(resumed).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${first.pid}`) });
    // Another file of the folder is nobody's.
    expect((await short("--out=real/other")).code).toBe(0);
  });

  test.runIf(FULL)("it can be read", async () => {
    await begun("--out=m");
    for (const args of [
      ["inspect", "m"],
      ["generate", "--model=m", "--prompt=to be", "--length=5"],
      ["evaluate", "--model=m", "--text=text.txt"],
    ])
      expect((await lstmWasm(args, { cwd: folder })).code, args[0]).toBe(0);
  });

  test("--force takes it over, and the first run no longer writes it", async () => {
    const first = await begun("--out=m");
    const second = await inOwnProcess("--out=m", "--force", "--seed=5");
    expect(second.code).toBe(0);
    const { code, stderr } = await first.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^lstm-wasm: m was taken over|^lstm-wasm: m is being written by another run/);
    const { stdout } = await lstmWasm(["inspect", "--json", at("m")]);
    expect(JSON.parse(stdout)).toMatchObject({ config: { seed: 5 }, training: { progress: { epoch: 2 } } });
    expect(left()).toEqual(["m"]);
  });

  test.runIf(FULL)("the lock can be removed by hand, and returns with the next write", async () => {
    const first = await begun("--out=m");
    rmSync(at("m.lock"));
    while (!existsSync(at("m.lock"))) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await short("--out=m")).stderr).toMatch(`process ${first.pid}`);
  });
});

describe("the lock is gone", () => {
  test.each(withMore<NodeJS.Signals>(["SIGINT"], ["SIGTERM", "SIGHUP"]))("after %s", async (signal) => {
    const running = await begun("--out=m");
    expect(existsSync(at("m.lock"))).toBe(true);
    running.kill(signal);
    expect((await running.ended).code).toBe(130);
    expect(left()).toEqual(["m"]);
  });

  test.each(withMore<NodeJS.Signals>(["SIGTERM"], ["SIGINT"]))("after %s while waiting for a pipe", async (signal) => {
    expect(spawnSync("mkfifo", [at("pipe")]).status).toBe(0);
    const running = endless("--out=m", "--text=pipe");
    while (!existsSync(at("m.lock"))) await new Promise((resolve) => setTimeout(resolve, 10));
    running.kill(signal);
    await running.ended;
    expect(left()).toEqual(["pipe"]);
  });

  test("after a second signal, which ends the process at once", async () => {
    const running = await begun("--out=m");
    running.kill("SIGINT");
    running.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    expect(existsSync(at("m.lock"))).toBe(false);
  });

  test.runIf(FULL)("after any kind of error", async () => {
    for (const args of [
      ["--out=m", "--text=none.txt"],
      ["--out=m", "--hidden-size=0"],
      ["--out=text.txt"],
      ["--out=m", "--resume=none"],
      ["--out=m", "--plot=none/m.svg"],
      ["--out=m", "--learning-rate=1e38"],
    ]) {
      expect((await short(...args)).code, args.join(" ")).toBeGreaterThan(0);
      expect(
        left().filter((name) => name.endsWith(".lock")),
        args[0],
      ).toEqual([]);
    }
  });

  test("at the end, and not before: everything is reported while it is held", async () => {
    const { code } = await short("--out=m", "--plot=m.svg", "--log=m.jsonl");
    expect(code).toBe(0);
    expect(left().sort()).toEqual(["m", "m.jsonl", "m.svg"]);
  });
});

describe("a dead process's lock is taken over", () => {
  test("after SIGKILL, with its unfinished file", async () => {
    const running = await begun("--out=m");
    running.kill("SIGKILL");
    await running.ended;
    const { unfinished } = lock() as { unfinished: string };
    // As if it had been killed while it was writing; and another's, and a file of the user's.
    writeFileSync(at(unfinished), "half");
    const others = [".lstm-wasm-1-0123456789ab.writing", "m.writing"];
    for (const name of others) writeFileSync(at(name), "mine");
    const { code, stdout } = await lstmWasm(["train", "--resume=m", "--json", "--epochs=1"], { cwd: folder });
    expect(code).toBe(0);
    expect(events(stdout)[0]).toMatchObject({ event: "start" });
    expect(left().sort()).toEqual([...others, "m"].sort());
  });

  test.runIf(FULL)("only a file beside it with the right name counts as its unfinished file", async () => {
    writeFileSync(at("precious"), "mine");
    mkdirSync(at("m.d"));
    for (const unfinished of ["precious", "../precious", "m.d", at("precious"), "./precious", "text.txt"]) {
      forge({ pid: deadPid(), unfinished });
      expect((await short("--out=m")).code).toBe(0);
    }
    expect(left().sort()).toEqual(["m", "m.d", "precious"]);
  });

  test.runIf(FULL)("if its pid belongs to another process now", async () => {
    // This one lives, but has not started then.
    forge({ pid: process.pid, start: "no-boot/1" });
    const { code, stderr } = await short("--out=m");
    if (existsSync("/proc/self/stat")) expect(code).toBe(0);
    else expect(stderr).toMatch(`process ${process.pid}`);
  });

  test.runIf(FULL)("if it was killed before writing the lock's contents", async () => {
    writeFileSync(at("m.lock"), "");
    expect((await short("--out=m")).code).toBe(0);
    expect(left()).toEqual(["m"]);
  });

  test.runIf(FULL)("if it was killed while taking one over", async () => {
    forge({ pid: deadPid() });
    forge({ pid: deadPid() }, "m.lock");
    expect((await short("--out=m")).code).toBe(0);
    expect(left()).toEqual(["m"]);
  });
});

describe("a lock is not taken over", () => {
  test("of a process that may be alive", async () => {
    forge({ pid: process.pid });
    expect((await inOwnProcess("--out=m")).stderr).toMatch(`process ${process.pid}`);
    expect((await short("--out=m", "--force")).code).toBe(0);
    expect(left()).toEqual(["m"]);
  });

  test("of another host, which is named", async () => {
    forge({ pid: deadPid(), host: "node7\u001b[31m" });
    const { code, stderr } = await short("--out=m");
    expect(code).toBe(1);
    expect(stderr).toMatch(/process \d+ on host "node7\\u001b\[31m", .* has ended, take over with --force/);
    expect((await short("--out=m", "--force")).code).toBe(0);
  });

  test.each<[what: string, make: (path: string) => void]>([
    ["a text", (path) => writeFileSync(path, "poetry\n")],
    ["JSON of another kind", (path) => writeFileSync(path, '{"pid":1}')],
    ["one of no single process", () => forge({ pid: -1 })],
    ["one of process 0", () => forge({ pid: 0 })],
    ["a large file", (path) => writeFileSync(path, "x".repeat(100_000))],
    ["a folder", (path) => mkdirSync(path)],
    ["a link", (path) => symlinkSync("text.txt", path)],
    ["a link to nowhere", (path) => symlinkSync("nowhere", path)],
    ["a pipe", (path) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
  ])("if the file is not a lock: %s", async (_, make) => {
    make(at("m.lock"));
    const before = lstatSync(at("m.lock"));
    for (const args of [[], ["--force"]]) {
      const { code, stderr } = await short("--out=m", ...args);
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/m\.lock exists but is not a lock file/),
      });
    }
    expect(lstatSync(at("m.lock")).ino).toBe(before.ino);
    expect(readFileSync(at("text.txt"), "utf8")).toBe(presets.hamlet.text);
  });
});

describe("of eight runs that start at the same moment, only one writes", () => {
  test.each<[what: string, before: () => void]>(
    withMore(
      [["where there is no lock", () => {}]],
      [
        ["where there is a dead process's", () => forge({ pid: deadPid() })],
        ["where there is an empty one", () => writeFileSync(at("m.lock"), "")],
      ],
    ),
  )("%s", async (_, before) => {
    before();
    const runs = Array.from({ length: 8 }, (_, i) => endless("--out=m", `--seed=${i}`));
    const codes = new Map<Running, string>();
    for (const run of runs) run.ended.then(({ stderr }) => codes.set(run, stderr));
    while (codes.size < 7) await new Promise((resolve) => setTimeout(resolve, 20));
    const [winner] = runs.filter((run) => !codes.has(run));
    await winner!.until(/"epoch":3,/);
    expect(codes.size).toBe(7);
    for (const stderr of codes.values()) expect(stderr).toMatch(`process ${winner!.pid}`);
    expect(lock()).toMatchObject({ pid: winner!.pid });
    winner!.kill("SIGINT");
    expect((await winner!.ended).code).toBe(130);
    const { stdout } = await lstmWasm(["inspect", "--json", at("m")]);
    expect(JSON.parse(stdout)).toMatchObject({ config: { seed: runs.indexOf(winner!) } });
    expect(left()).toEqual(["m"]);
  });
});

test("--force needs a file", async () => {
  expect(await short("--force")).toMatchObject({ code: 2, stderr: expect.stringMatching(/--force needs --out FILE/) });
});
