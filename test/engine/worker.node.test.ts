import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { nextTask } from "../internals/common.js";
import { allocate, Engine, Mailbox } from "../internals/engine.js";
import { createKernels } from "../internals/kernels.js";

/** Those of one task alone are more than a kilobyte. */
const TASKS = 12_000;

test("tasks of ever new sizes leave a thread with the heap that it had", async () => {
  const instance = await createKernels("simd");
  const shape = { vocabularySize: 4, hiddenSize: 4, layers: 4 };
  const engine = new Engine(instance, shape);
  const { buffers, passes } = allocate(engine, 1, 1 << 22);
  const mailbox = new Mailbox(Mailbox.bytesFor(shape.layers, 1), shape.layers);
  const { lossFunction, parameters } = engine;
  const { module, memory } = instance.share!;
  const init = { module: await module(), memory, shape, lossFunction, parameters, mailbox: mailbox.bytes };
  const script = new URL("../../dist/bundle/worker-node.js", import.meta.url);
  const worker = new Worker(script, { workerData: init, resourceLimits: { maxOldGenerationSizeMb: 8 } });
  let failure: unknown;
  worker.once("error", (error) => {
    failure = error;
  });
  await once(worker, "message");
  for (let i = 0; i < TASKS && !failure; i++) {
    // Where a pass begins is part of its plan, and quicker to change than its length.
    const pass = passes + 64 * i;
    mailbox.post([
      {
        T: 1,
        B: 1,
        rows: 1,
        outputRows: 1,
        weights: 0,
        pass,
        gradients: buffers[0]!,
        gradientScale: 1,
        dropout: undefined,
      },
    ]);
    while (!failure && !mailbox.awaitReply(0, 20)) await nextTask();
    if (i % 1000 === 0) await nextTask();
  }
  expect(failure).toBeUndefined();
  expect(mailbox.loss(0)).toBeCloseTo(Math.log(4), 5);
  await worker.terminate();
}, 60_000);
