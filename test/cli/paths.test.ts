import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { presets } from "../../src/presets.js";
import { withMore } from "../full.js";
import { ALONE, lstmWasm, NOBODY, rootTest } from "./run.js";

// What is checked is what is written, whatever it is called and whatever lies beside it.

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at("text.txt"), presets.hamlet.text);
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true });
});

const SIZES = ["train", "--json", "--quiet", "--backend=simd", "--hidden-size=8", "--batch-size=4"];
const COMMON = [...SIZES, "--text=text.txt"];
const train = (...args: string[]) => lstmWasm([...COMMON, "--epochs=1", ...args], { cwd: folder });

const isCheckpoint = async (name: string) => (await lstmWasm(["inspect", at(name)])).code === 0;
const mode = (name: string) => (statSync(at(name)).mode & 0o777).toString(8);
const pipe = (name: string) => expect(spawnSync("mkfifo", [at(name)]).status).toBe(0);

describe("links", () => {
  test("are followed in turn, and kept", async () => {
    mkdirSync(at("a"));
    mkdirSync(at("b"));
    symlinkSync("a", at("alias"));
    symlinkSync("../b/second", at("a/first"));
    symlinkSync("third", at("b/second"));
    writeFileSync(at("b/third"), "");
    expect((await train("--out=alias/first")).code).toBe(0);
    expect(await isCheckpoint("b/third")).toBe(true);
    expect([readlinkSync(at("a/first")), readlinkSync(at("b/second"))]).toEqual(["../b/second", "third"]);
    expect(readdirSync(at("a")).concat(readdirSync(at("b")))).toEqual(["first", "second", "third"]);
  });

  test("to a missing file lead to the new file", async () => {
    mkdirSync(at("a"));
    symlinkSync("new", at("a/dangling"));
    symlinkSync("a/dangling", at("link"));
    expect((await train("--out=link", "--plot=a/../a/plot", "--log=a/log")).code).toBe(0);
    expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect(lstatSync(at("a/dangling")).isSymbolicLink()).toBe(true);
    expect(await isCheckpoint("a/new")).toBe(true);
  });

  test("with .. in them resolve as the system does", async () => {
    mkdirSync(at("deep"));
    mkdirSync(at("deep/er"));
    symlinkSync("deep/er", at("short"));
    // From deep/er, that is in deep: not what a look at the names says.
    symlinkSync("../new", at("deep/er/up"));
    expect((await train("--out=short/up")).code).toBe(0);
    expect(await isCheckpoint("deep/new")).toBe(true);
    expect((await train("--out=short/../beside")).code).toBe(0);
    expect(await isCheckpoint("deep/beside")).toBe(true);
  });

  test("that form a loop are rejected", async () => {
    symlinkSync("b", at("a"));
    symlinkSync("a", at("b"));
    expect(await train("--out=a")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/a cannot be written: its links/),
    });
  });

  rootTest("into a folder that nobody may write into are found out before anything is trained", async () => {
    mkdirSync(at("closed"));
    writeFileSync(at("closed/target"), "old");
    mkdirSync(at("open"));
    chmodSync(folder, 0o755);
    chmodSync(at("open"), 0o777);
    symlinkSync("../closed/target", at("open/link"));
    const args = [...COMMON, "--epochs=100000000", "--out=open/link"];
    const { code, stdout, stderr } = await lstmWasm(args, { cwd: folder, user: NOBODY });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/open\/link cannot be written: permission denied/);
    expect(readFileSync(at("closed/target"), "utf8")).toBe("old");
    expect(readdirSync(at("open"))).toEqual(["link"]);
  });
});

describe("other files in the folder are left alone:", () => {
  test("a text, a link and a pipe with the former name of unfinished files", async () => {
    for (const [name, make] of [
      ["text", (path: string) => writeFileSync(path, "to be or not to be. ".repeat(20))],
      ["link", (path: string) => symlinkSync("precious", path)],
      ["pipe", (path: string) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
    ] as const) {
      writeFileSync(at("precious"), "precious");
      make(at(`${name}.writing`));
      const before = lstatSync(at(`${name}.writing`)).ino;
      const text = `--text=${name === "text" ? "text.writing" : "text.txt"}`;
      const args = [...SIZES, "--epochs=1", text, `--out=${name}`, `--plot=${name}.svg`];
      expect((await lstmWasm(args, { cwd: folder })).code, name).toBe(0);
      expect(lstatSync(at(`${name}.writing`)).ino).toBe(before);
      expect(readFileSync(at("precious"), "utf8")).toBe("precious");
      expect(await isCheckpoint(name)).toBe(true);
    }
  });

  test("only the new file is added", async () => {
    await train("--out=m", "--plot=m.svg", "--checkpoint-every=1");
    expect(readdirSync(folder).sort()).toEqual(["m", "m.svg", "text.txt"]);
  });
});

describe("one file under two names is rejected:", () => {
  test.each<[what: string, before: () => void, args: string[]]>([
    ["a link to the folder", () => symlinkSync("real", at("alias")), ["--out=real/m", "--plot=alias/m"]],
    ["the same for a log", () => symlinkSync("real", at("alias")), ["--out=real/m", "--log=alias/m"]],
    ["a link to what is not there yet", () => symlinkSync("real/m", at("link")), ["--out=link", "--plot=real/m"]],
    ["two links", () => ["x", "y"].map((name) => symlinkSync("real/m", at(name))), ["--out=x", "--log=y"]],
    ["a hard link to the text", () => linkSync(at("text.txt"), at("hard")), ["--out=hard"]],
    ["a log that is the text", () => linkSync(at("text.txt"), at("hard")), ["--log=hard"]],
    ["the lock", () => {}, ["--out=real/m", "--log=real/m.lock"]],
  ])("%s", async (_, before, args) => {
    mkdirSync(at("real"));
    before();
    const { code, stderr } = await train(...args);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/ and --\w+ are the same file/) });
    expect(readFileSync(at("text.txt"), "utf8")).toBe(presets.hamlet.text);
    expect(readdirSync(at("real"))).toEqual([]);
  });
});

describe("the file's mode", () => {
  test.each(["600", "640", "444", "666"])("%s is kept", async (bits) => {
    await train("--out=m", "--plot=m.svg");
    for (const name of ["m", "m.svg"]) chmodSync(at(name), Number.parseInt(bits, 8));
    expect((await train("--out=m", "--plot=m.svg", "--checkpoint-every=1")).code).toBe(0);
    expect([mode("m"), mode("m.svg")]).toEqual([bits, bits]);
  });

  test("of a new one follows the umask", async () => {
    const args = [...COMMON, "--epochs=1", "--out=m"];
    await lstmWasm(args, { cwd: folder, limit: "umask 027" });
    expect(mode("m")).toBe("640");
  });

  rootTest("and its owner are kept by root", async () => {
    await train("--out=m");
    chmodSync(at("m"), 0o640);
    chownSync(at("m"), NOBODY, NOBODY);
    await train("--out=m");
    expect(statSync(at("m"))).toMatchObject({ uid: NOBODY, gid: NOBODY });
    expect(mode("m")).toBe("640");
  });

  rootTest("is kept where the owner cannot be", async () => {
    await train("--out=m");
    chmodSync(at("m"), 0o664);
    chmodSync(folder, 0o777);
    const { code } = await lstmWasm([...COMMON, "--epochs=1", "--out=m"], { cwd: folder, user: NOBODY });
    expect(code).toBe(0);
    expect(statSync(at("m")).uid).toBe(NOBODY);
    expect(mode("m")).toBe("664");
  });
});

describe("anything but a file to write is rejected before training:", () => {
  test.each<[what: string, before: () => void, out: string, why: RegExp]>([
    ["a folder", () => mkdirSync(at("m")), "m", /it is a folder/],
    ["a link to one", () => symlinkSync(".", at("m")), "m", /it is a folder/],
    ["a name with a slash behind it", () => {}, "m/", /it is a folder/],
    ["a pipe", () => pipe("m"), "m", /it is not a regular file/],
    ["a link to a device", () => symlinkSync("/dev/null", at("m")), "m", /it is not a regular file/],
    ["a file in place of a folder", () => {}, "text.txt/m", /part of the path is not a folder/],
    ["a name that is too long", () => {}, "m".repeat(300), /its name is too long/],
    ["a link to a folder that is not there", () => symlinkSync("none/m", at("m")), "m", /no such file or folder/],
  ])("%s", async (_, before, out, why) => {
    before();
    for (const flag of ["--out", "--plot"]) {
      const { code, stdout, stderr } = await train(`${flag}=${out}`);
      expect({ code, stdout }, flag).toEqual({ code: 1, stdout: "" });
      expect(stderr, flag).toMatch(why);
      expect(stderr.length).toBeLessThan(500);
    }
    expect(readdirSync(folder).filter((name) => name.includes("lock") || name.includes("writing"))).toEqual([]);
  });

  test("names with line feeds and escapes work, and are displayed safely", async () => {
    const name = "a\nlstm-wasm: forged\u001b[31m\u202e";
    const { code, stderr } = await train(`--out=${name}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await isCheckpoint(name)).toBe(true);
    const twice = await train(`--out=${name}`, `--plot=${name}`);
    expect(twice.stderr).toMatch(/--plot are the same file, a\\nlstm-wasm: forged\\u001b\[31m\\u202e\n/);
  });

  test("a pipe that nobody reads, for --log", async () => {
    pipe("pipe");
    expect((await train("--log=pipe")).stderr).toMatch(/pipe cannot be written: it is not a regular file/);
  });

  test.skipIf(!existsSync("/dev/stdout")).each(withMore(["--plot"], ["--out"]))(
    "the file that is printed to: %s",
    async (flag) => {
      for (const stream of ["stdout", "stderr"]) {
        writeFileSync(at("printed"), "");
        const redirected = `exec ${stream === "stdout" ? 1 : 2}>printed`;
        for (const out of [`/dev/${stream}`, "printed"]) {
          const args = [...COMMON, "--epochs=1", `${flag}=${out}`];
          const { code, stderr } = await lstmWasm(args, { cwd: folder, limit: redirected });
          expect(code, out).toBe(2);
          const message = `${stderr}${readFileSync(at("printed"), "utf8")}`;
          expect(message, out).toMatch(new RegExp(`the standard .*output and ${flag} are the same file`));
        }
      }
    },
  );

  rootTest("a disk that is read-only", async () => {
    mkdirSync(at("ro"));
    const limit = "mount -t tmpfs -o ro tmpfs ro";
    const args = [...COMMON, "--epochs=1", "--out=ro/m"];
    const { code, stderr } = await lstmWasm(args, { cwd: folder, limit, under: ALONE });
    expect(stderr).toMatch(/ro\/m cannot be written: the disk is read-only/);
    expect(code).toBe(1);
  });
});
