import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  availableBackends,
  characters,
  createModel,
  evaluate,
  generate,
  load,
  type Model,
  save,
  train,
} from "../../src/index.js";
import { padded } from "../../src/kernels/kernels.js";
import { narrow, relativeError } from "../kernels/tensors.js";

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url);

const vocabulary = characters("abcdefghi");
const text = "abcdefghi".repeat(20);

/** A checkpoint of two layers of 6 units, with the state of a run in it. */
async function ours(): Promise<Uint8Array> {
  const model = await createModel({ vocabulary, hiddenSize: 6, layers: 2, backend: "simd" });
  for await (const _ of train(model, text, { epochs: 3, batchSize: 2 }));
  return save(model);
}

// `python3 test/fixtures/checkpoint.py` reads this file. It is written where it is missing.
if (!existsSync(fixture("to-pytorch.safetensors"))) writeFileSync(fixture("to-pytorch.safetensors"), await ours());

/** What the model and PyTorch make of the same tokens. */
function compare({ engine, vocabulary: { size } }: Model, name: string): number {
  const { T, B, tokens, logits } = JSON.parse(readFileSync(fixture(name), "utf8")) as {
    T: number;
    B: number;
    tokens: number[];
    logits: number[];
  };
  const plan = engine.plan(T, B);
  engine.integers.set(tokens, plan.inputs / 4);
  engine.forward(plan, engine.createState(B));
  const scores = engine.floats.slice(plan.scores / 4, plan.scores / 4 + T * B * padded(size));
  return relativeError(narrow(scores, padded(size), size), logits);
}

describe.each(availableBackends())("with %s", (backend) => {
  test("a file that PyTorch wrote gives PyTorch's logits", async () => {
    const model = await load(readFileSync(fixture("from-pytorch.safetensors")), { vocabulary, backend });
    expect(compare(model, "from-pytorch.json")).toBeLessThan(1e-5);
  });

  test("a file of ours gives the logits that PyTorch computes with it", async () => {
    const model = await load(readFileSync(fixture("to-pytorch.safetensors")), { backend });
    expect(compare(model, "to-pytorch.json")).toBeLessThan(1e-5);
  });
});

test("a file that PyTorch wrote can generate and be trained further", async () => {
  const model = await load(readFileSync(fixture("from-pytorch.safetensors")), { vocabulary });
  let written = "";
  for await (const piece of generate(model, { prompt: "abc", length: 20 })) written += piece;
  expect([...written]).toHaveLength(20);
  const before = await evaluate(model, text);
  for await (const _ of train(model, text, { epochs: 30, batchSize: 2, learningRate: 0.01 }));
  expect((await evaluate(model, text)).loss).toBeLessThan(before.loss / 2);
});
