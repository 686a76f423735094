import { expect } from "vitest";
import { type Backend, characters, createModel, generate, type Model, train } from "../src/index.js";
import { predictNextTokens } from "../src/inspect.js";
import { presets } from "../src/presets.js";

const { text, model: modelOptions, training, passage } = presets.hamlet;

/** Runs the preset and gives the model with the loss of every epoch. */
export async function learn(
  backend: Backend,
  seed: number,
  epochs = 1000,
): Promise<{ model: Model; losses: number[] }> {
  const model = await createModel({ vocabulary: characters(text), ...modelOptions, seed, backend });
  const losses: number[] = [];
  for await (const { trainLoss } of train(model, text, { ...training, epochs })) losses.push(trainLoss);
  return { model, losses };
}

/** Expects that the model knows the soliloquy by heart. */
export async function expectKnown(model: Model): Promise<void> {
  const { accuracy, sampledAccuracy } = await predictNextTokens(model, text);
  expect(sampledAccuracy).toBeGreaterThanOrEqual(0.99);
  expect(accuracy).toBeGreaterThanOrEqual(0.995);
  let recited = passage.prompt;
  for await (const piece of generate(model, passage)) recited += piece;
  expect(recited).toBe(text);
}
