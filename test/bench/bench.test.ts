import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProfileEntry } from "../../bench/measure/profile.js";
import { FULL } from "../full.js";
import { run } from "./run.js";

const QUICK = ["--case", "next-word", "--time", "5", "--rounds", "2"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("npm run bench", () => {
  test("prints one JSON object with the machine, the ceilings and a result for each backend, and writes the same", async () => {
    const [out, svg] = [join(folder, "bench.json"), join(folder, "bench.svg")];
    const { code, stdout } = await run("main.js", [...QUICK, "--json", "--out", out, "--svg", svg]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ node: process.versions.node, cpu: expect.any(String) });
    expect(report.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    const positive = (n: unknown) => expect(n).toBeGreaterThan(0);
    positive(report.peakGigaflops.simd);
    positive(report.peakGigaflops["relaxed-simd"]);
    const backends = report.results.map((result: { backend: string }) => result.backend);
    expect(backends.sort()).toEqual(["javascript", "relaxed-simd", "simd"]);
    for (const result of report.results) {
      expect(result).toMatchObject({ case: "next-word", threads: 1 });
      positive(result.tokensPerSecond);
      positive(result.gigaflops);
    }
    expect(await readFile(out, "utf8")).toBe(stdout);
    expect(await readFile(svg, "utf8")).toContain("next-word");
  });

  test("prints a table without --json", async () => {
    const { code, stdout } = await run("main.js", [...QUICK, "--backend", "simd"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^next-word +simd +1 +[\d,]+ +\d+\.\d +\d+ %$/m);
    expect(stdout).not.toContain("relaxed-simd");
  });

  // Sequences of 2000 steps take their time.
  test.runIf(FULL)("--lengths compares lengths of sequences, for both losses, and a mixture of lengths", async () => {
    const args = ["--lengths", "--backend", "simd", "--time", "1", "--rounds", "1"];
    const { code, stdout } = await run("main.js", [...args, "--json"]);
    expect(code).toBe(0);
    const { lengths } = JSON.parse(stdout);
    const pairs = lengths.map(
      ({ loss, T, isMixed }: { loss: string; T: number; isMixed?: boolean }) => `${loss} ${isMixed ? "mixed" : T}`,
    );
    const each = (loss: string) => [50, 100, 200, 500, 1000, 2000].map((T) => `${loss} ${T}`);
    const mixed = [64, 128].flatMap((H) => [`examples-${H} 80`, `examples-${H} mixed`]);
    expect(pairs).toEqual([...each("every-step"), ...each("last-step"), ...mixed]);
    for (const { backend, tokensPerSecond } of lengths) {
      expect(backend).toBe("simd");
      expect(tokensPerSecond).toBeGreaterThan(0);
    }
  });

  test.runIf(FULL)("--streams compares streams in turn and side by side", async () => {
    const args = ["--streams", "--backend", "simd", "--time", "1", "--rounds", "1"];
    const { code, stdout } = await run("main.js", [...args, "--json"]);
    expect(code).toBe(0);
    const { streams } = JSON.parse(stdout);
    const ways = streams.map(({ hiddenSize, way }: { hiddenSize: number; way: string }) => `${hiddenSize} ${way}`);
    expect(ways).toEqual([64, 128, 256, 512].flatMap((H) => [`${H} in turn`, `${H} side by side`]));
    for (const { stepsPerSecond, gigaflops } of streams) {
      expect(stepsPerSecond).toBeGreaterThan(0);
      expect(gigaflops).toBeGreaterThan(0);
    }
  });

  test.runIf(FULL)("--samples compares threads", async () => {
    const args = ["--samples", "--backend", "simd", "--threads", "1", "--threads", "2", "--time", "1", "--rounds", "1"];
    const { code, stdout } = await run("main.js", [...args, "--json"]);
    expect(code).toBe(0);
    const { samples } = JSON.parse(stdout) as { samples: { case: string; threads: number; tokensPerSecond: number }[] };
    const names = ["1 × 256x2", "1 × 512x2", "16 × 128x2", "16 × 512x2", "64 × 128x2", "64 × 512x2"];
    expect(samples.map((result) => `${result.case} ${result.threads}`)).toEqual(
      names.flatMap((name) => [`${name} 1`, `${name} 2`]),
    );
    for (const { tokensPerSecond } of samples) expect(tokensPerSecond).toBeGreaterThan(0);
  });

  test.runIf(FULL)("--int8 compares int8 weights with float32 ones", async () => {
    const args = ["--int8", "--backend", "simd", "--time", "1", "--rounds", "1", "--json"];
    const { code, stdout } = await run("main.js", args);
    expect(code).toBe(0);
    const { int8, results } = JSON.parse(stdout);
    expect(results).toEqual([]);
    const names = ["generate-128x2", "generate-256", "generate-512x2"].flatMap((name) => [name, `${name} int8`]);
    expect(int8.map((result: { case: string }) => result.case)).toEqual(names);
    for (const { tokensPerSecond } of int8) expect(tokensPerSecond).toBeGreaterThan(0);
  });

  test("--profile says what each kernel takes of a case, and JavaScript the rest", async () => {
    const { code, stdout } = await run("main.js", [...QUICK, "--profile", "--backend", "simd", "--json"]);
    expect(code).toBe(0);
    const { profile } = JSON.parse(stdout) as { profile: ProfileEntry[] };
    const parts = new Map(profile.map((entry) => [entry.kernel, entry]));
    for (const kernel of ["lstmForward", "linearBackward", "sgd", "JavaScript"])
      expect(parts.get(kernel)).toMatchObject({ case: "next-word", backend: "simd", callsPerRun: 1 });
    for (const { microsecondsPerRun } of profile) expect(microsecondsPerRun).toBeGreaterThan(0);
    expect(profile.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  test.each([
    [["--case", "hamlet2"], 'there is no "hamlet2"'],
    [["--backend", "gpu"], 'does not run "gpu"'],
    [["--threads", "0"], "--threads"],
    [["--time", "soon"], "--time"],
    [["--scaling", "--case", "wide"], "drop --case"],
    [["--lengths", "--case", "wide"], "drop --case"],
    [["--lengths", "--scaling"], "drop one"],
    [["--streams", "--lengths"], "drop one"],
    [["--streams", "--threads", "2"], "drop --threads"],
    [["--samples", "--streams"], "drop one"],
    [["--samples", "--case", "wide"], "drop --case"],
    [["--int8", "--lengths"], "drop one"],
    [["--int8", "--threads", "2"], "drop --threads"],
    [["--profile", "--threads", "2"], "drop --threads"],
    [["--against", "HEAD", "--scaling"], "drop --scaling"],
    [["--lengths", "--threads", "2"], "drop --threads"],
    [["--peers", "x.json"], "--svg"],
    [["--nonsense"], "--nonsense"],
  ])("refuses %j with exit status 2", async (args, message) => {
    const { code, stdout, stderr } = await run("main.js", args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).toContain("--help");
  });

  test("refuses a file that holds no results", async () => {
    const path = join(folder, "other.json");
    await writeFile(path, "{}");
    const { code, stderr } = await run("main.js", ["--from", path, "--svg", join(folder, "x.svg")]);
    expect(code).toBe(1);
    expect(stderr).toContain("holds no benchmark results");
  });
});
