import { describe, expect, test } from "vitest";
import { characters, evaluate, generate, load, type Model, train } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import { fixture, jsonFixture } from "../bytes.js";
import { engineForward } from "../internals/engine.js";
import { padded } from "../internals/kernels.js";
import { narrow, relativeError } from "../kernels/tensors.js";

const vocabulary = characters("abcdefghi");
const text = "abcdefghi".repeat(20);

interface Logits {
  T: number;
  B: number;
  tokens: number[];
  logits: number[];
}

/** What the model and PyTorch make of the same tokens. */
async function compare({ engine, vocabulary: { size } }: Model, name: string): Promise<number> {
  const { T, B, tokens, logits } = await jsonFixture<Logits>(name);
  const plan = engine.plan(T, B);
  engine.integers.set(tokens, plan.inputs / 4);
  engineForward(engine, plan, engine.createState(B));
  const scores = engine.floats.slice(plan.logits / 4, plan.logits / 4 + T * B * padded(size));
  return relativeError(narrow(scores, padded(size), size), logits);
}

describe.each(BACKENDS)("with %s", (backend) => {
  test("a file that PyTorch wrote gives PyTorch's logits", async () => {
    const model = await load(await fixture("from-pytorch.safetensors"), { vocabulary, backend });
    expect(await compare(model, "from-pytorch.json")).toBeLessThan(1e-5);
  });

  test("a file of ours gives the logits that PyTorch computes with it", async () => {
    const model = await load(await fixture("to-pytorch.safetensors"), { backend });
    expect(await compare(model, "to-pytorch.json")).toBeLessThan(1e-5);
  });
});

test("a file that PyTorch wrote can generate and be trained further", async () => {
  const model = await load(await fixture("from-pytorch.safetensors"), { vocabulary });
  let written = "";
  for await (const piece of generate(model, { prompt: "abc", maxTokens: 20 })) written += piece;
  expect([...written]).toHaveLength(20);
  const before = await evaluate(model, text);
  for await (const _ of train(model, text, { epochs: 30, batchSize: 2, learningRate: 0.01 }));
  expect((await evaluate(model, text)).loss).toBeLessThan(before.loss / 2);
});
