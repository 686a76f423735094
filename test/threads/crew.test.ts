import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { load, save } from "../../src/checkpoint/checkpoint.js";
import type { TrainOptions } from "../../src/config.js";
import { characters } from "../../src/data/vocabulary.js";
import { LstmError, OptionError, ThreadError } from "../../src/errors.js";
import { createModel } from "../../src/model.js";
import { HAMLET as hamlet } from "../../src/presets/hamlet.js";
import { train } from "../../src/train.js";

const OPTIONS: TrainOptions = { epochs: 4, batchSize: 6, sequenceLength: 10, dropout: 0.1, threads: 3 };
const modelOf = () => createModel({ vocabulary: characters(hamlet), hiddenSize: 8, backend: "simd" });

/** The threads of this process besides its own, as the operating system counts them. */
async function threadsNow(): Promise<number> {
  return (await readdir("/proc/self/task")).length;
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** Calls something with every thread that starts, until the test is over. */
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

  test("use no time while there is nothing to do", async () => {
    const model = await modelOf();
    for await (const _ of train(model, hamlet, OPTIONS));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(100);
    model.free();
  });

  test("do not keep the process alive", async () => {
    const script = `
      import { characters, createModel, presets, train } from "lstm-wasm";
      const { text } = presets.hamlet;
      const model = await createModel({ vocabulary: characters(text), hiddenSize: 8 });
      for await (const _ of train(model, text, { epochs: 1, batchSize: 6, threads: 3 }));
      console.log("done");`;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 });
    expect((await run).stdout).toBe("done\n");
  });
});

describe("a thread that fails", () => {
  test("is a ThreadError in the caller, and the run goes on from there to the same bytes", async () => {
    const unbroken = await modelOf();
    for await (const _ of train(unbroken, hamlet, OPTIONS));

    const model = await modelOf();
    let epochs = 0;
    const run = (async () => {
      for await (const _ of train(model, hamlet, OPTIONS)) {
        // A task that no thread can do: its memory ends before the pass begins.
        if (++epochs === 2) {
          const crew = await model.engine.crew(2);
          const { ask } = crew;
          vi.spyOn(crew, "ask").mockImplementation((thread, task) =>
            ask.call(crew, thread, thread === 1 ? { ...task, pass: 2 ** 32 - 2 ** 20 } : task),
          );
        }
      }
    })();
    await expect(run).rejects.toThrow(ThreadError);
    await expect(run).rejects.toThrow(/thread has failed: .*memory access out of bounds/);
    for await (const _ of train(model, hamlet, { resume: true }));
    expect(save(model)).toEqual(save(unbroken));
    model.free();
    unbroken.free();
  });

  test("by ending in the midst of its work is no hang either", async () => {
    const model = await modelOf();
    const workers: Worker[] = [];
    watchThreads((worker) => workers.push(worker));
    const run = (async () => {
      for await (const _ of train(model, hamlet, { ...OPTIONS, epochs: 100_000 }));
    })();
    await vi.waitFor(() => expect(workers).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 200));
    void workers[1]!.terminate();
    await expect(run).rejects.toThrow(/a thread has failed: the thread ended with exit code 1.*resume/);
    model.free();
  });

  test("because the model was freed in the midst of training is an error that says so", async () => {
    const model = await modelOf();
    const run = (async () => {
      for await (const _ of train(model, hamlet, { ...OPTIONS, epochs: 100_000 }));
    })();
    setTimeout(() => model.free(), 200);
    await expect(run).rejects.toThrow(LstmError);
    await expect(run).rejects.toThrow("this model was freed");
  });
});

test("a run keeps its number of threads, through a checkpoint too", async () => {
  const unbroken = await modelOf();
  for await (const _ of train(unbroken, hamlet, OPTIONS));
  const first = await modelOf();
  for await (const _ of train(first, hamlet, { ...OPTIONS, epochs: 2 }));
  const second = await load(save(first), { backend: "simd" });
  for await (const _ of train(second, hamlet, { resume: true, epochs: 4 }));
  expect(save(second)).toEqual(save(unbroken));
  for (const model of [unbroken, first, second]) model.free();
});

test("where threads do not start, one computes all parts to the same bits, and says so once", async () => {
  const usual = await modelOf();
  for await (const _ of train(usual, hamlet, OPTIONS));
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  watchThreads((worker) => void worker.terminate());
  const alone = await modelOf();
  for (let run = 0; run < 2; run++) for await (const _ of train(alone, hamlet, { ...OPTIONS, resume: run > 0 }));
  expect(save(alone)).toEqual(save(usual));
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/no thread can be started here \(.*exit code \d\): one thread computes all parts/)],
  ]);
  usual.free();
  alone.free();
});

test("a run can be saved at any moment, and goes on from there to the same bytes", async () => {
  for (const threads of [1, 3]) {
    const options = { ...OPTIONS, threads };
    const unbroken = await modelOf();
    for await (const _ of train(unbroken, hamlet, options));
    const whole = save(unbroken);

    const model = await modelOf();
    const saved = new Map<string, Uint8Array>();
    let goesOn = true;
    const look = () => {
      if (!model.training) return;
      const bytes = save(model);
      saved.set(createHash("sha256").update(bytes).digest("hex"), bytes);
    };
    const lookers = [
      (async () => {
        while (goesOn) await new Promise((resolve) => setImmediate(resolve)).then(look);
      })(),
      (async () => {
        // Between any two microtasks of the training, for a while.
        for (let i = 0; i < 500 && goesOn; i++) await Promise.resolve().then(look);
      })(),
    ];
    for await (const _ of train(model, hamlet, options)) await Promise.resolve();
    goesOn = false;
    await Promise.all(lookers);
    expect(saved.size).toBeGreaterThan(1);
    for (const bytes of saved.values()) {
      const again = await load(bytes, { backend: "simd" });
      for await (const _ of train(again, hamlet, { resume: true }));
      expect(save(again)).toEqual(whole);
      again.free();
    }
    model.free();
    unbroken.free();
  }
});

test("where no threads can be had, one computes all parts to the same bits, and says so once", async () => {
  const shared = await modelOf();
  for await (const _ of train(shared, hamlet, OPTIONS));
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const memory = WebAssembly.Memory;
  vi.spyOn(WebAssembly, "Memory").mockImplementation(function (this: unknown, size: WebAssembly.MemoryDescriptor) {
    if (size.shared) throw new RangeError("no shared memory here");
    return new memory(size);
  } as never);
  const alone = await modelOf();
  expect(alone.engine.isShared).toBe(false);
  for (let run = 0; run < 2; run++) for await (const _ of train(alone, hamlet, { ...OPTIONS, resume: run > 0 }));
  expect(save(alone)).toEqual(save(shared));
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    expect.stringMatching(/cannot be shared between threads here.*one thread computes all parts/),
  ]);
  shared.free();
  alone.free();
});

test.each([-1, 1.5, 257, Number.NaN])("threads: %d is an OptionError", async (threads) => {
  const model = await modelOf();
  await expect(train(model, hamlet, { threads }).next()).rejects.toThrow(OptionError);
  model.free();
});
