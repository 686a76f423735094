import { afterEach, describe, expect, test, vi } from "vitest";
import { every, withMore } from "../full.js";
import { load, save } from "../internals/checkpoint.js";
import { LstmError, nextTask, OptionError, WorkerError } from "../internals/common.js";
import { workerPool } from "../internals/engine.js";
import { HAMLET as hamlet } from "../internals/presets.js";
import { train, trainingOf } from "../internals/training.js";
import { modelOf, OPTIONS } from "./subject.js";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a thread that fails", () => {
  test("is a WorkerError in the caller, and the run goes on from there to the same bytes", async () => {
    const unbroken = await modelOf();
    for await (const _ of train(unbroken, hamlet, OPTIONS));

    const model = await modelOf();
    let epochs = 0;
    const run = (async () => {
      for await (const _ of train(model, hamlet, OPTIONS)) {
        // A task that no thread can do: its memory ends before the pass begins.
        if (++epochs === 2) {
          const pool = await workerPool(model.engine, 2);
          const { submit } = pool;
          vi.spyOn(pool, "submit").mockImplementation((thread, tasks) =>
            submit.call(
              pool,
              thread,
              thread === 1 ? tasks.map((task) => ({ ...task, pass: 2 ** 32 - 2 ** 20 })) : tasks,
            ),
          );
        }
      }
    })();
    await expect(run).rejects.toThrow(WorkerError);
    await expect(run).rejects.toThrow(/worker thread failed: .*(memory access|index) out of bounds/);
    for await (const _ of train(model, hamlet, { resume: true }));
    expect(save(model)).toEqual(save(unbroken));
    model.free();
    unbroken.free();
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

test("a run keeps its number of shards, whatever the threads that it continues on", async () => {
  const unbroken = await modelOf();
  for await (const _ of train(unbroken, hamlet, OPTIONS));
  const first = await modelOf();
  for await (const _ of train(first, hamlet, { ...OPTIONS, epochs: 2 }));
  const second = await load(save(first), { backend: "simd" });
  for await (const _ of train(second, hamlet, { resume: true, epochs: 4, threads: 2 }));
  expect(save(second)).toEqual(save(unbroken));
  for (const model of [unbroken, first, second]) model.free();
});

test("a run can be saved at any moment, and goes on from there to the same bytes", async () => {
  for (const gradientShards of withMore([3], [1])) {
    const options = { ...OPTIONS, epochs: 2, gradientShards };
    const unbroken = await modelOf();
    for await (const _ of train(unbroken, hamlet, options));
    const whole = save(unbroken);

    const model = await modelOf();
    const saved = new Map<string, Uint8Array>();
    const latin1 = new TextDecoder("latin1");
    let goesOn = true;
    const look = () => {
      if (!trainingOf(model)) return;
      const bytes = save(model);
      saved.set(latin1.decode(bytes), bytes);
    };
    const lookers = [
      (async () => {
        while (goesOn) await nextTask().then(look);
      })(),
      (async () => {
        // Between any two microtasks of the training, for a while.
        for (let i = 0; i < 200 && goesOn; i++) await Promise.resolve().then(look);
      })(),
    ];
    for await (const _ of train(model, hamlet, options)) await Promise.resolve();
    goesOn = false;
    await Promise.all(lookers);
    expect(saved.size).toBeGreaterThan(1);
    // Many of them lie in the same update.
    for (const bytes of every(Math.ceil(saved.size / 8), [...saved.values()])) {
      const again = await load(bytes, { backend: "simd" });
      for await (const _ of train(again, hamlet, { resume: true }));
      expect(save(again)).toEqual(whole);
      again.free();
    }
    model.free();
    unbroken.free();
  }
});

test("where no threads can be had, one computes all shards to the same bits, and says so once", async () => {
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
    expect.stringMatching(/cannot be shared between threads here.*training runs on one thread/),
  ]);
  shared.free();
  alone.free();
});

test.each([-1, 1.5, 257, Number.NaN])("threads: %d is an OptionError", async (threads) => {
  const model = await modelOf();
  await expect(train(model, hamlet, { threads }).next()).rejects.toThrow(OptionError);
  model.free();
});
