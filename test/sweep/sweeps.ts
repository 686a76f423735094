import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Running } from "../cli/run.js";
import { Random } from "../internals/common.js";

/** An empty folder, until the test ends. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lstm-wasm-sweep-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** The table with which a sweep ended. */
export const resultsIn = (folder: string): Promise<string> => readFile(join(folder, "results.csv"), "utf8");

/** The processes of a sweep's trials, which each hold a lock that names them. */
export function trialsIn(folder: string): number[] {
  try {
    return readdirSync(join(folder, "trials")).flatMap((name) => {
      try {
        const text = readFileSync(join(folder, "trials", name, "model.safetensors.lock"), "utf8");
        return [(JSON.parse(text) as { pid: number }).pid];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** Whether a process is at work: one that is over may wait for somebody to ask how it ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean, what: string, limit = 20_000): Promise<void> {
  for (const start = performance.now(); !isSo(); ) {
    if (performance.now() - start > limit) throw new Error(`not within ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What was killed, and how often. */
export interface Kills {
  sweeps: number;
  trials: number;
}

/**
 * Runs a sweep to its end, killing it again and again: the sweep, or one of its trials, some time after a result.
 *
 * @param folder of the sweep
 */
export async function runKilled(args: string[], folder: string, times: number, seed: number): Promise<Kills> {
  const random = new Random(seed);
  const kills = { sweeps: 0, trials: 0 };
  for (;;) {
    const running = new Running(["sweep", ...args]);
    let results = 0;
    const wanted = 1 + Math.floor(2 * random.uniform());
    for (;;) {
      results += wanted;
      const isOver = kills.sweeps + kills.trials >= times;
      const next = isOver ? undefined : running.until(new RegExp(`("state":"(?!running).*){${results}}`, "s"));
      const ended = running.ended.then((end) => ({ end }));
      const first = await Promise.race([ended, (next ?? ended).catch(() => ended)]);
      if (first) {
        if (first.end.code !== 0) throw new Error(`ended with ${first.end.code}: ${first.end.stderr}`);
        return kills;
      }
      await new Promise((resolve) => setTimeout(resolve, 150 * random.uniform()));
      const trials = trialsIn(folder).filter(isAlive);
      if (trials.length > 0 && random.uniform() < 0.5) {
        kill(trials[Math.floor(random.uniform() * trials.length)]!);
        kills.trials++;
      } else {
        running.kill("SIGKILL");
        kills.sweeps++;
        await running.ended;
        break;
      }
    }
  }
}

/** Ends a process of a test's own at once, if it is still there. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {}
}
