import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { availableThreads } from "#platform";
import { save } from "../internals/checkpoint.js";
import { workerPool } from "../internals/engine.js";
import { HAMLET as hamlet } from "../internals/presets.js";
import { train } from "../internals/training.js";
import { beginStep, expectMemoryIsFree, LATE, slowModel, whenTasksAreGivenOut } from "./abandoned.js";
import { modelOf, OPTIONS } from "./subject.js";

/** The threads of this process besides its own, as the operating system counts them. */
async function threadsNow(): Promise<number> {
  return (await readdir("/proc/self/task")).length;
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** Calls `see` with every thread that starts during the test. */
function watchThreads(see: (worker: Worker) => void): void {
  process.on("worker", see);
  onTestFinished(() => {
    process.removeListener("worker", see);
  });
}

describe.skipIf(process.platform !== "linux")("the threads of a model", () => {
  test("start once, and end with it", async () => {
    const before = await threadsNow();
    const model = await modelOf();
    for await (const _ of train(model, hamlet, OPTIONS));
    const during = await threadsNow();
    expect(during).toBeGreaterThanOrEqual(before + 2);
    for await (const _ of train(model, hamlet, OPTIONS));
    expect(await threadsNow()).toBe(during);
    model.free();
    await vi.waitFor(async () => expect(await threadsNow()).toBeLessThanOrEqual(during - 2));
  });

  test("end too where the model is freed while they start", async () => {
    const ended: Promise<unknown>[] = [];
    watchThreads((worker) => ended.push(once(worker, "exit")));
    const model = await modelOf();
    const run = train(model, hamlet, OPTIONS).next();
    await vi.waitFor(() => expect(ended).toHaveLength(2), { interval: 1 });
    model.free();
    await expect(run).rejects.toThrow("this model was freed");
    await Promise.all(ended);
  });

  test("do not keep the process alive", async () => {
    const script = `
      import { characters, createModel, train } from "lstm-wasm";
      import { presets } from "lstm-wasm/presets";
      const { text } = presets.hamlet;
      const model = await createModel({ vocabulary: characters(text), hiddenSize: 8 });
      for await (const _ of train(model, text, { epochs: 1, batchSize: 6, gradientShards: 3, threads: 3 }));
      console.log("done");`;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 });
    expect((await run).stdout).toBe("done\n");
  });
});

test("a thread that ends in the midst of its work is an error and no hang", async () => {
  const model = await modelOf();
  const workers: Worker[] = [];
  const ready: Promise<unknown>[] = [];
  watchThreads((worker) => {
    workers.push(worker);
    ready.push(once(worker, "message"));
  });
  const run = (async () => {
    for await (const _ of train(model, hamlet, { ...OPTIONS, epochs: 100_000 }));
  })();
  await vi.waitFor(() => expect(ready).toHaveLength(2));
  // A thread that ended before it was ready would be replaced by the main thread.
  await Promise.all(ready);
  await new Promise((resolve) => setTimeout(resolve, 200));
  void workers[1]!.terminate();
  await expect(run).rejects.toThrow(/a worker thread failed: the thread exited with code 1.*Resume the run/);
  model.free();
});

test("where workers do not start, one thread computes all shards to the same bits, and says so once", async () => {
  const usual = await modelOf();
  for await (const _ of train(usual, hamlet, OPTIONS));
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  watchThreads((worker) => void worker.terminate());
  const alone = await modelOf();
  for (let run = 0; run < 2; run++) for await (const _ of train(alone, hamlet, { ...OPTIONS, resume: run > 0 }));
  expect(save(alone)).toEqual(save(usual));
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/no worker could be started \(.*exited with code \d\): training runs on one thread/)],
  ]);
  usual.free();
  alone.free();
});

test("there are as many threads as the operating system says", () => {
  expect(availableThreads()).toBe(availableParallelism());
});

describe("a failed step releases its memory once no thread uses it", () => {
  /** The threads started from here on. Terminated ones run on for a while. */
  function watchLateThreads() {
    const workers: { worker: Worker; terminate: () => Promise<number>; hasEnded: boolean }[] = [];
    watchThreads((worker) => {
      const thread = { worker, terminate: worker.terminate.bind(worker), hasEnded: false };
      worker.once("exit", () => {
        thread.hasEnded = true;
      });
      worker.terminate = async () => {
        await new Promise((resolve) => setTimeout(resolve, LATE));
        return thread.terminate();
      };
      workers.push(thread);
    });
    return workers;
  }

  test("where the main thread fails", async () => {
    watchLateThreads();
    const model = await slowModel();
    whenTasksAreGivenOut(() => {
      throw new Error("the main thread failed");
    });
    await expect(beginStep(model, 2)).rejects.toThrow("the main thread failed");
    await expectMemoryIsFree(model);
    vi.restoreAllMocks();
    // The threads are those of the next run.
    expect(await beginStep(model, 2)).toMatchObject({ value: { step: 1 } });
    model.free();
  });

  test("where another thread fails", async () => {
    const threads = watchLateThreads();
    const model = await slowModel();
    await workerPool(model.engine, 2);
    whenTasksAreGivenOut(() => void threads[0]!.terminate());
    const step = beginStep(model, 3);
    await expect(step).rejects.toThrow(/a worker thread failed/);
    await expectMemoryIsFree(model);
    vi.restoreAllMocks();
    expect(await beginStep(model, 3)).toMatchObject({ value: { step: 1 } });
    model.free();
  });

  test("where the model is freed", async () => {
    const threads = watchLateThreads();
    const model = await slowModel();
    whenTasksAreGivenOut(() => setTimeout(() => model.free()));
    const step = beginStep(model, 2);
    await expect(step).rejects.toThrow("this model was freed");
    expect(threads.map(({ hasEnded }) => hasEnded)).toEqual([true]);
  });
});
