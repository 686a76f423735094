import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { events, lstmWasm } from "../../cli/run.js";
import { FULL } from "../../full.js";
import { emptyFolder, isAlive, resultsIn, trialsIn, until } from "../../sweep/sweeps.js";
import { Installed, install, uninstall } from "./installed.js";
import { Redis, whyNoRedis } from "./redis.js";

const why = process.platform === "win32" ? "Windows has no Redis" : whyNoRedis();
if (why !== undefined) console.error(`SKIPPED the tests over Redis: ${why}`);

const HAMLET = ["--preset", "hamlet", "--backend", "simd", "--hidden-size", "7", "--validation-fraction", "0.2"];
const LIMIT = 600_000;

describe.skipIf(why !== undefined)(`a queue of trials${why === undefined ? "" : ` (SKIPPED: ${why})`}`, () => {
  let redis: Redis;

  beforeAll(install, 60_000);
  afterAll(uninstall);
  beforeEach(async () => {
    redis = await Redis.start();
  });
  afterEach(() => redis.stop());

  const start = (cwd: string, ...args: string[]) => {
    const running = new Installed([...args, "--queue", redis.url], cwd);
    onTestFinished(() => running.kill());
    return running;
  };
  const worker = (cwd: string, ...args: string[]) =>
    start(cwd, "sweep-worker", "--parallel", "1", "--lease", "1", ...args);
  const sweep = (cwd: string, own: string[], train: string[]) => {
    const running = new Installed(["sweep", ...own, "--json", "--queue", redis.url, "--", ...train], cwd);
    onTestFinished(() => running.kill());
    return running;
  };

  test("ends as a sweep of one machine does", async () => {
    const folder = await emptyFolder();
    const vary = ["--vary", "learning-rate=1e-3:1e-1", "--trials", "6", "--sampler", "halving"];
    const train = [...HAMLET, "--epochs", "6"];
    expect((await lstmWasm(["sweep", ...vary, "--dir", join(folder, "alone"), "--", ...train])).code).toBe(0);
    const store = ["--store", join(folder, "store")];
    worker(folder, ...store);
    const out = join(folder, "best.safetensors");
    const queued = sweep(folder, [...vary, "--dir", "queued", "--out", out, ...store], train);
    expect([await queued.ended, queued.stderr]).toEqual([0, expect.stringContaining("by the workers of the queue")]);
    expect(await resultsIn(join(folder, "queued"))).toBe(await resultsIn(join(folder, "alone")));
    expect((await lstmWasm(["inspect", out])).stdout).toContain("epoch 6 of 6");
    // What waits for the worker is not at work; a result may be seen a moment after the next trial's beginning.
    const atWork = new Set<unknown>();
    const counts = events(queued.stdout).flatMap(({ event, trial, state }) => {
      if (event !== "trial") return [];
      if (state === "running") atWork.add(trial);
      else atWork.delete(trial);
      return [atWork.size];
    });
    expect(Math.max(...counts)).toBeGreaterThan(0);
    expect(Math.max(...counts)).toBeLessThan(3);
  }, 60_000);

  test.skipIf(!FULL)(
    "has workers that give their trials back at Ctrl-C",
    async () => {
      const folder = await emptyFolder();
      const store = ["--store", join(folder, "store")];
      const first = worker(folder, ...store);
      // Longer than the test.
      const forever = sweep(
        folder,
        ["--vary", "dropout=0", "--trials", "1", "--dir", "long", ...store],
        [...HAMLET, "--epochs", "1000000"],
      );
      await until(() => /trial 1: \{"dropout"/.test(first.stderr), "a trial at work");
      await until(() => forever.stdout.includes('"state":"running"'), "the sweep seeing it");
      first.kill("SIGINT");
      expect([await first.ended, first.stderr]).toEqual([130, expect.stringContaining("gave trial 1 back")]);
      await until(() => /"state":"running".*"state":"waiting"/s.test(forever.stdout), "the trial waiting again");
      const second = worker(folder, ...store);
      await until(() => /trial 1: /.test(second.stderr), "the trial at work elsewhere");
      forever.kill("SIGINT");
      expect(await forever.ended).toBe(130);
    },
    60_000,
  );

  test.skipIf(!FULL)(
    "loses no trial of three workers of which one is killed again and again, with a shared folder and without",
    async () => {
      const folder = await emptyFolder();
      const vary = ["--vary", "learning-rate=1e-3:1e-1", "--vary", "dropout=0:0.5", "--trials", "12"];
      const train = [...HAMLET, "--epochs", "200", "--checkpoint-every", "10"];
      expect((await lstmWasm(["sweep", ...vary, "--dir", join(folder, "alone"), "--", ...train])).code).toBe(0);
      for (const store of [["--store", join(folder, "store")], []]) {
        const dir = store.length > 0 ? "stored" : "anew";
        const workers = [1, 2, 3].map(() => worker(folder, ...store));
        const queued = sweep(folder, [...vary, "--dir", dir, "--out", `${dir}.safetensors`, ...store], train);
        let isOver = false;
        queued.ended.then(() => {
          isOver = true;
        });
        let kills = 0;
        for (let i = 0; !isOver; i = (i + 1) % 3) {
          const one = workers[i]!;
          const trials = () => one.stderr.match(/trial \d+: /g)?.length ?? 0;
          await until(() => isOver || trials() >= 2, "a second trial of the worker", LIMIT);
          if (isOver) break;
          one.kill();
          kills++;
          await one.ended;
          workers[i] = worker(folder, ...store);
        }
        expect([await queued.ended, queued.stderr]).toEqual([0, expect.any(String)]);
        expect(kills).toBeGreaterThanOrEqual(3);
        expect(await resultsIn(join(folder, dir))).toBe(await resultsIn(join(folder, "alone")));
        expect((await lstmWasm(["inspect", join(folder, `${dir}.safetensors`)])).code).toBe(0);
        for (const one of workers) one.kill();
      }
    },
    LIMIT,
  );

  test.skipIf(!FULL)(
    "goes on when the sweep is killed, and takes the results that came meanwhile",
    async () => {
      const folder = await emptyFolder();
      const vary = ["--vary", "learning-rate=1e-3:1e-1", "--trials", "6", "--dir", "killed"];
      const train = [...HAMLET, "--epochs", "20"];
      expect(
        (await lstmWasm(["sweep", ...vary.slice(0, 4), "--dir", join(folder, "alone"), "--", ...train])).code,
      ).toBe(0);
      const one = worker(folder);
      const first = sweep(folder, vary, train);
      await until(() => /trial 1 done/.test(one.stderr), "a result");
      first.kill();
      await first.ended;
      await until(() => /trial 6 done/.test(one.stderr), "the results of all others");
      const second = sweep(folder, vary, train);
      expect(await second.ended).toBe(0);
      expect(one.stderr.match(/trial \d: /g)).toHaveLength(6);
      expect(await resultsIn(join(folder, "killed"))).toBe(await resultsIn(join(folder, "alone")));
    },
    LIMIT,
  );

  test.skipIf(!FULL)(
    "goes on when Redis was away, and has lost everything",
    async () => {
      const folder = await emptyFolder();
      const vary = ["--vary", "learning-rate=1e-3:1e-1", "--trials", "6", "--sampler", "halving"];
      const train = [...HAMLET, "--epochs", "200"];
      expect((await lstmWasm(["sweep", ...vary, "--dir", join(folder, "alone"), "--", ...train])).code).toBe(0);
      const one = worker(folder);
      const queued = sweep(folder, [...vary, "--dir", "queued"], train);
      await until(() => /"state":"(done|paused)"/.test(queued.stdout), "a result");
      await redis.stop();
      await until(() => /cannot be reached for now/.test(queued.stderr + queued.stdout), "the sweep saying so");
      redis = await Redis.start(redis.port);
      expect([await queued.ended, one.stderr]).toEqual([0, expect.stringContaining("cannot be reached for now")]);
      expect(await resultsIn(join(folder, "queued"))).toBe(await resultsIn(join(folder, "alone")));
    },
    LIMIT,
  );

  test.skipIf(!FULL)(
    "ends at Ctrl-C also while Redis is away, with the trials saved",
    async () => {
      const folder = await emptyFolder();
      const store = ["--store", join(folder, "store")];
      const one = worker(folder, ...store);
      const own = ["--vary", "dropout=0,0.1", "--trials", "2", "--dir", "away", ...store];
      const forever = sweep(folder, own, [...HAMLET, "--epochs", "1000000", "--checkpoint-every", "1000000"]);
      await until(() => forever.stdout.includes('"state":"running"'), "a trial at work");
      const [trial] = trialsIn(join(folder, "store", readdirSync(join(folder, "store"))[0]!));
      await redis.stop();
      await until(() => /cannot be reached for now/.test(forever.stdout), "the sweep seeing it");
      for (const running of [forever, one]) running.kill("SIGINT");
      expect(await Promise.all([forever.ended, one.ended])).toEqual([130, 130]);
      expect(isAlive(trial!)).toBe(false);
      const [sweeps] = readdirSync(join(folder, "store"));
      const trials = join(folder, "store", sweeps!, "trials");
      const saved = join(trials, readdirSync(trials)[0]!, "model.safetensors");
      expect((await lstmWasm(["inspect", saved])).stdout).toContain("of 1,000,000");
    },
    60_000,
  );

  test.skipIf(!FULL)(
    "is not ended by a worker with other data, unless there is no other worker",
    async () => {
      const [here, there] = [await emptyFolder(), await emptyFolder()];
      await writeFile(join(here, "text.txt"), "to be or not to be ".repeat(30));
      await writeFile(join(there, "text.txt"), "or not to be to be ".repeat(30));
      const train = ["--text", "text.txt", "--validation-fraction", "0.2", "--epochs", "3", "--hidden-size", "4"];
      const vary = ["--vary", "learning-rate=1e-3:1e-1", "--trials", "8", "--dir", "sweep"];
      const why = "text.txt is not the one that the sweep has";
      const bad = worker(there);
      const hopeless = sweep(here, vary, train);
      expect([await hopeless.ended, hopeless.stderr]).toEqual([1, expect.stringContaining(`can run trial 1: ${why}`)]);
      expect(bad.stderr.match(/is not the one/g)).toHaveLength(1);
      const good = worker(here);
      await until(() => good.stderr.includes("waiting"), "the other worker");
      const queued = sweep(here, vary, train);
      expect([await queued.ended, queued.stderr]).toEqual([0, expect.any(String)]);
      expect(good.stderr.match(/trial \d done/g)).toHaveLength(8);
      expect(queued.stdout).toContain(`a worker cannot run trial`);
    },
    60_000,
  );

  test.skipIf(!FULL)("says which Redis cannot be reached, without its password", async () => {
    const folder = await emptyFolder();
    const lost = new Installed(["sweep-worker", "--queue", "redis://user:secret@127.0.0.1:1"], folder);
    expect([await lost.ended, lost.stderr]).toEqual([
      1,
      expect.stringContaining("Redis at 127.0.0.1:1 cannot be reached"),
    ]);
    expect(lost.stderr).not.toContain("secret");
  });
});
