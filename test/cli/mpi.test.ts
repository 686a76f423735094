import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { type Launcher, launchers } from "../distributed/launchers.js";
import { Random } from "../internals/common.js";
import { MAIN } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "mpi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const found = launchers();
const FULL = inject("full");
/** KILLS=50 kills a rank of 50 runs, at random moments. */
const KILLS = Number(process.env["KILLS"] ?? 1);

const RUN = (
  "--preset hamlet --epochs 40 --hidden-size 16 --layers 2 --batch-size 16 --sequence-length 20 --gradient-shards 8 " +
  "--dropout 0.1 --optimizer adam --learning-rate 0.01 --backend simd"
).split(" ");
/** So long that it has to be ended. */
const LONG = RUN.map((word) => (word === "40" ? "100000" : word));

/** The same, with epochs that take a while. */
const SLOW = LONG.map((word, i) => (LONG[i - 1] === "--hidden-size" ? "96" : word));

/** A job of so many ranks. */
class Job {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly ended: Promise<number | null>;

  constructor({ command, library, env }: Launcher, ranks: number, args: string[], prefix: string[] = []) {
    const named = library === undefined ? [] : ["--mpi-library", library];
    const [file, ...rest] = [...command(ranks), ...prefix, process.execPath, MAIN, "train", "--mpi", ...named, ...args];
    // A session of its own, all of which can be ended if a test fails.
    this.child = spawn(file!, rest, { cwd: folder, env: { ...process.env, ...env }, detached: true });
    this.child.stdout!.on("data", (piece) => (this.stdout += piece));
    this.child.stderr!.on("data", (piece) => (this.stderr += piece));
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
  }

  /** Resolves once an epoch has been reported. */
  async epoch(count: number): Promise<void> {
    while (!this.stdout.includes(`"epoch":${count},`)) {
      if (this.child.exitCode !== null) throw new Error(`the job has ended: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The process of a rank, among the descendants of the launcher. */
  pidOf(rank: number): number {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
      try {
        const isOurs = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${this.child.spawnargs.at(-1)}\0`);
        const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        const isNode = /^(node|MainThread)/.test(readFileSync(`/proc/${pid}/comm`, "utf8"));
        if (isOurs && isNode && variables.some((v) => v === `OMPI_COMM_WORLD_RANK=${rank}` || v === `PMI_RANK=${rank}`))
          return Number(pid);
      } catch {
        // It has ended meanwhile.
      }
    throw new Error(`no process of rank ${rank}`);
  }
}

const events = (text: string) => text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));

const bytes = (name: string) => readFileSync(join(folder, name));

describe.skipIf(found.length === 0)("train --mpi", () => {
  for (const launcher of FULL ? found : found.slice(0, 1)) {
    const start = (ranks: number, args: string[], prefix?: string[]) => new Job(launcher, ranks, args, prefix);
    const run = async (ranks: number, args: string[]) => {
      const job = start(ranks, args);
      return { code: await job.ended, ...job };
    };
    const slug = launcher.name.replace(/\W+/g, "-");
    /** The whole run in one process, and its checkpoint. */
    const whole = `${slug}-whole`;
    let alone: ReturnType<typeof run>;
    const runAlone = () => (alone ??= run(1, [...RUN, "--json", "--out", whole]));

    describe(launcher.name, () => {
      test("reports as one process does, and writes the same checkpoint", async () => {
        const two = `${slug}-two`;
        const alone = await runAlone();
        const shared = await run(2, [...RUN, "--json", "--threads", "2", "--out", two]);
        expect(shared.code, shared.stderr).toBe(0);
        const [start, end] = [events(shared.stdout)[0], events(shared.stdout).at(-1)];
        expect(start).toMatchObject({ event: "start", processes: 2, threads: 2, gradientShards: 8 });
        const { sample, trainLoss, accuracy } = events(alone.stdout).at(-1);
        expect(end).toMatchObject({ event: "end", stopReason: "epochs", sample, trainLoss, accuracy });
        // One rank reports.
        expect(events(shared.stdout)).toHaveLength(events(alone.stdout).length);
        expect(bytes(two)).toEqual(bytes(whole));
      });

      test("a classifier is judged as in one process", async () => {
        const lines = Array.from({ length: 40 }, (_, i) => {
          const value = (t: number) => Math.sin(t * (1 + (i % 2)) + i).toFixed(3);
          return `${Array.from({ length: 4 + (i % 5) }, (_, t) => value(t)).join(",")}:${i % 2}`;
        });
        writeFileSync(join(folder, "waves.ts"), `@classLabel true 0 1\n@data\n${lines.join("\n")}\n`);
        const args =
          "--ts waves.ts --epochs 3 --validation-fraction 0.4 --hidden-size 8 --seed 1 --backend simd --json";
        const ends = [1, 3].map(async (ranks) => {
          const { code, stdout, stderr } = await run(ranks, args.split(" "));
          expect(code, stderr).toBe(0);
          const { seconds, tokensPerSecond, checkpoint, ...end } = events(stdout).at(-1);
          return end;
        });
        const [alone, shared] = await Promise.all(ends);
        expect(alone).toMatchObject({ event: "end", evaluatedOn: "held-out", confusion: expect.anything() });
        expect(shared).toEqual(alone);
      });

      test(`a run of which a rank is killed goes on elsewhere, to the same bytes (${KILLS})`, {
        timeout: 60_000 + 20_000 * KILLS,
      }, async () => {
        await runAlone();
        const random = new Random(1);
        for (let i = 0; i < KILLS; i++) {
          const name = `${slug}-killed-${i}`;
          const job = start(3, [...RUN, "--json", "--checkpoint-every", "1", "--out", name]);
          await job.epoch(2 + (i % 20));
          // Within the epochs that follow: a step, a validation or the writing of a checkpoint.
          await new Promise((resolve) => setTimeout(resolve, 20 * random.uniform()));
          const rank = i % 3;
          process.kill(job.pidOf(rank), "SIGKILL");
          expect(await job.ended).not.toBe(0);
          // Which rank it was: the launcher says that or, having been asked to end, this program.
          expect(job.stderr + job.stdout).toMatch(/rank \d|PID \d+/);
          const resumed = await run(1 + (i % 4), ["--resume", name, "--force", "--quiet"]);
          expect(resumed.code, resumed.stderr).toBe(0);
          expect(bytes(name), `kill ${i}`).toEqual(bytes(whole));
        }
      });

      test("a rank that fails before training is named, and nobody waits for it", async () => {
        // In the folder of rank 1, there is no such file.
        const script = 'if [ "$OMPI_COMM_WORLD_RANK$PMI_RANK" = 1 ]; then cd /; fi; exec "$@"';
        await runAlone();
        const job = start(2, ["--quiet", "--resume", whole], ["sh", "-c", script, "sh"]);
        expect(await job.ended).toBe(1);
        expect(job.stderr).toMatch(/^lstm-wasm: rank 1 on \S+: .*-whole cannot be read: no such file or folder$/m);
        expect(job.stderr.match(/^lstm-wasm:/gm)).toHaveLength(1);
      });

      test.skipIf(!FULL)("a stopped rank is named after --mpi-timeout, and the run is saved", async () => {
        for (const rank of [1, 0]) {
          const name = `${slug}-stopped-${rank}`;
          const job = start(3, [...LONG, "--json", "--mpi-timeout", "3", "--checkpoint-every", "5", "--out", name]);
          await job.epoch(6);
          process.kill(job.pidOf(rank), "SIGSTOP");
          expect(await job.ended).not.toBe(0);
          expect(job.stderr + job.stdout).toMatch(new RegExp(`lstm-wasm: rank ${rank} on \\S+: it .*3 seconds`));
          const { stderr, code } = await run(1, ["--resume", name, "--force", "--quiet", "--epochs", "7"]);
          expect(code, stderr).toBe(0);
        }
      });

      test.skipIf(!FULL)("Ctrl-C ends all ranks, and the run is saved", async () => {
        const name = `${slug}-interrupted`;
        const job = start(3, [...SLOW, "--json", "--checkpoint-every", "2", "--out", name]);
        await job.epoch(3);
        job.child.kill("SIGINT");
        await job.ended;
        // Open MPI 5 may be in too much of a hurry.
        if (!launcher.name.startsWith("Open MPI 5"))
          expect(job.stdout).toMatch(/"event":"end".*"stopReason":"interrupted"/);
        const { code, stderr } = await run(2, ["--resume", name, "--quiet", "--epochs", "4"]);
        expect(code, stderr).toBe(0);
      });

      // Open MPI 5 may be in too much of a hurry.
      test.skipIf(!FULL || launcher.name.startsWith("Open MPI 5"))(
        "Ctrl-C saves a run that writes faster than the launcher reads",
        async () => {
          const name = `${slug}-flood`;
          const job = start(3, [...LONG, "--json", "--checkpoint-every", "1000000", "--out", name]);
          await job.epoch(3);
          job.child.kill("SIGINT");
          await job.ended;
          const { code, stderr } = await run(2, ["--resume", name, "--quiet", "--epochs", "4"]);
          expect(code, stderr).toBe(0);
        },
      );
    });
  }

  test.skipIf(!FULL)("another MPI than the launcher's is not taken for one process", async () => {
    const launcher = found.find(({ name }) => name.startsWith("MPICH"));
    const other = found.find(({ name }) => name.startsWith("Open MPI"));
    if (!launcher || !other) return;
    const env = { ...launcher.env, ...other.env };
    const job = new Job({ ...launcher, env, library: other.library ?? "libmpi.so.40" }, 2, ["--out", "never"]);
    expect(await job.ended).toBe(1);
    expect(job.stderr).toMatch(/the launcher started 2 processes, but ".*" \(.*\) sees only this one/);
  });
});
