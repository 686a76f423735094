import { afterEach, describe, expect, inject, test, vi } from "vitest";
import { builds } from "#files";
import { availableThreads } from "#platform";
import { setWasmSources } from "../../src/index.js";
import { save } from "../internals/checkpoint.js";
import { WorkerPool, workerPool } from "../internals/engine.js";
import { HAMLET as hamlet } from "../internals/presets.js";
import { train } from "../internals/training.js";
import { beginStep, expectMemoryIsFree, LATE, slowModel, whenTasksAreGivenOut } from "./abandoned.js";
import { modelOf, OPTIONS } from "./subject.js";

const isolated = inject("isolated");

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The workers started from here on; with `broken`, their scripts do not exist. */
function watchWorkers(broken = false) {
  compileAnew();
  const started: Worker[] = [];
  vi.stubGlobal(
    "Worker",
    class extends Worker {
      terminated = false;
      constructor(script: string | URL, options?: WorkerOptions) {
        super(broken ? new URL("missing.js", script) : script, options);
        started.push(this);
      }
      override terminate() {
        this.terminated = true;
        super.terminate();
      }
    },
  );
  return started as (Worker & { terminated: boolean })[];
}

/** Has the kernels compiled again: workers that have run those of before are not for the next models. */
function compileAnew(): void {
  setWasmSources(Object.fromEntries(Object.entries(builds).map(([build, source]) => [build, source()])));
}

/** What a run on two workers ends with. */
async function trained(): Promise<Uint8Array> {
  const model = await modelOf();
  for await (const _ of train(model, hamlet, OPTIONS));
  const bytes = save(model);
  model.free();
  return bytes;
}

test(`this page is ${isolated ? "isolated" : "not isolated"}`, () => {
  expect(crossOriginIsolated).toBe(isolated);
  expect(availableThreads()).toBe(navigator.hardwareConcurrency);
});

describe.runIf(isolated)("the threads of a model", () => {
  test("start once, compute their shards, and are let go of with the model", async () => {
    const workers = watchWorkers();
    const result = vi.spyOn(WorkerPool.prototype, "result");
    const model = await modelOf();
    let steps = 0;
    for (let run = 0; run < 2; run++) {
      for await (const { step } of train(model, hamlet, OPTIONS)) steps = step;
      expect(workers).toHaveLength(2);
      expect(result).toHaveBeenCalledTimes(2 * steps * (run + 1));
    }
    for (const { value } of result.mock.settledResults) expect(value).toBeGreaterThan(0);
    expect(workers.map(({ terminated }) => terminated)).toEqual([false, false]);
    model.free();
    expect(workers.map(({ terminated }) => terminated)).toEqual([false, false]);
  });

  test("serve one model after another, to the same bits", async () => {
    const workers = watchWorkers();
    const first = await trained();
    for (let run = 0; run < 5; run++) expect(await trained()).toEqual(first);
    expect(workers).toHaveLength(2);
  });

  test("end when nobody has work for them", async () => {
    const workers = watchWorkers();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await trained();
    expect(workers.map(({ terminated }) => terminated)).toEqual([false, false]);
    vi.advanceTimersByTime(10_000);
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
    vi.useRealTimers();
    expect(await trained()).toEqual(await trained());
    expect(workers).toHaveLength(4);
  });

  test("do not serve models of other kernels", async () => {
    const workers = watchWorkers();
    const first = await trained();
    compileAnew();
    expect(await trained()).toEqual(first);
    expect(workers).toHaveLength(4);
  });

  test("end with a model whose memory is large, or that one of them has failed", async () => {
    const workers = watchWorkers();
    const large = await modelOf();
    large.engine.takeRegion(2 ** 26);
    for await (const _ of train(large, hamlet, { ...OPTIONS, epochs: 1 }));
    large.free();
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
    const model = await modelOf();
    const pool = await workerPool(model.engine, 2);
    pool.submit(0, [{ texts: 2 ** 32 - 2 ** 20, count: 1, steps: 1, packed: 0 }]);
    await expect(pool.result(0, 0)).rejects.toThrow(/a worker thread failed/);
    await pool.settle();
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true, true, true]);
    model.free();
  });

  test("whose script cannot be loaded are done without, to the same bits", async () => {
    const usual = await modelOf();
    for await (const _ of train(usual, hamlet, OPTIONS));
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const workers = watchWorkers(true);
    const alone = await modelOf();
    for (let run = 0; run < 2; run++) for await (const _ of train(alone, hamlet, { ...OPTIONS, resume: run > 0 }));
    expect(workers.length).toBeGreaterThan(0);
    expect(save(alone)).toEqual(save(usual));
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /no worker could be started \(.*script could not be loaded\): training runs on one thread/,
        ),
      ],
    ]);
    usual.free();
    alone.free();
  });
});

describe.runIf(isolated)("a failed step releases its memory once no thread uses it", () => {
  /** Lets terminated workers run on for a while. */
  function endThreadsLate() {
    vi.stubGlobal(
      "Worker",
      class extends Worker {
        override terminate() {
          setTimeout(() => super.terminate(), LATE);
        }
      },
    );
  }

  test("where the main thread fails", async () => {
    endThreadsLate();
    const model = await slowModel();
    whenTasksAreGivenOut(() => {
      throw new Error("the main thread failed");
    });
    await expect(beginStep(model, 2)).rejects.toThrow("the main thread failed");
    await expectMemoryIsFree(model);
    model.free();
  });

  test("where another thread fails", async () => {
    endThreadsLate();
    const model = await slowModel();
    const pool = await workerPool(model.engine, 2);
    const { submit } = pool;
    vi.spyOn(pool, "submit").mockImplementation((thread, tasks) =>
      submit.call(pool, thread, thread === 0 ? tasks.map((task) => ({ ...task, pass: 2 ** 32 - 2 ** 20 })) : tasks),
    );
    whenTasksAreGivenOut(() => {});
    await expect(beginStep(model, 3)).rejects.toThrow(/a worker thread failed/);
    await expectMemoryIsFree(model);
    model.free();
  });
});

describe.skipIf(isolated)("where memory cannot be shared", () => {
  test("no worker is started, and one thread computes all parts", async () => {
    const workers = watchWorkers();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const model = await modelOf();
    expect(model.engine.isShared).toBe(false);
    for await (const _ of train(model, hamlet, OPTIONS));
    expect(workers).toEqual([]);
    expect(warn.mock.calls.flat().join("\n")).toMatch(/^(|.*cannot be shared between threads here.*)$/);
    model.free();
  });
});
