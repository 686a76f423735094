import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Engine } from "../../src/engine.js";
import { createKernels } from "../../src/kernels/select.js";
import { turn } from "../../src/pause.js";
import { Desk } from "../../src/threads/desk.js";

/** Those of one task alone are more than a kilobyte. */
const TASKS = 30_000;

test("tasks of ever new sizes leave a thread with the heap that it had", async () => {
  const instance = await createKernels("simd");
  const shape = { vocabularySize: 4, hiddenSize: 4, layers: 4 };
  const engine = new Engine(instance, shape);
  const { runs, room } = engine.keep(1, 1 << 22);
  const desk = new Desk(Desk.bytesFor(shape.layers));
  const { lossFunction, parameters } = engine;
  const duty = { ...instance.share, shape, lossFunction, parameters, desk: desk.bytes };
  const script = new URL("../../dist/bundle/node-thread.js", import.meta.url);
  const worker = new Worker(script, { workerData: duty, resourceLimits: { maxOldGenerationSizeMb: 16 } });
  let failure: unknown;
  worker.once("error", (error) => {
    failure = error;
  });
  await once(worker, "message");
  for (let i = 0; i < TASKS && !failure; i++) {
    // Where a pass begins is part of its plan, and quicker to change than its length.
    const pass = room + 64 * i;
    desk.ask({ T: 1, B: 1, scored: 1, pass, gradients: runs[0]!, gradientScale: 1, dropout: undefined });
    while (!failure && !desk.awaitAnswer(20)) await turn();
    if (i % 1000 === 0) await turn();
  }
  expect(failure).toBeUndefined();
  expect(desk.loss).toBeCloseTo(Math.log(4), 5);
  await worker.terminate();
}, 60_000);
