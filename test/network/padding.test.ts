import { expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { TokenStreams } from "../internals/data.js";
import { OPTIMIZERS, type OptimizerName } from "../internals/optim.js";
import { methodsOf, settleTraining, Trainer } from "../internals/training.js";
import { integers } from "../kernels/tensors.js";
import { randomParameters } from "./passes.js";
import { modelOf } from "./subject.js";

const STEPS = 5;

const CASES = BACKENDS.flatMap((backend) =>
  (Object.keys(OPTIMIZERS) as OptimizerName[]).flatMap((optimizer) =>
    [1, 5].map((hiddenSize) => [backend, optimizer, hiddenSize] as const),
  ),
);

test.each(CASES)("%s, %s: the padding of hidden size %i stays zero through training", async (backend, optimizer, H) => {
  const shape = { vocabularySize: 7, hiddenSize: H, layers: 2, embeddingSize: 3 };
  const random = new Random(1);
  const model = await modelOf(backend, shape, randomParameters(random, shape));
  const options = { optimizer, learningRate: 0.1, weightDecay: 0.01, clipNorm: 1, dropout: 0.25, gradientShards: 1 };
  const config = settleTraining(options);
  const batches = new TokenStreams(integers(random, 100, 0, 6), 3, 4);
  const trainer = new Trainer(model, batches, config, await methodsOf(config), 1, {
    fingerprint: "",
    validationFingerprint: undefined,
  });
  const { floats, table, parameters } = model.engine;
  const before = model.tensor("lstm.weight_hh_l0");
  for (let step = 0; step < STEPS; step++) await trainer.advance();
  expect(model.tensor("lstm.weight_hh_l0")).not.toEqual(before);
  // Without the parameters themselves, the padding is all that could be left.
  for (const { name } of model.tensors) model.setTensor(name, model.tensor(name).fill(0));
  const left = floats.subarray(parameters / 4, parameters / 4 + table.length);
  expect(left.every((x) => x === 0)).toBe(true);
});
