import { expect } from "vitest";
import { type Model, predict } from "../../src/index.js";
import { fixture } from "../bytes.js";
import { type ImportOptions, importModel } from "../internals/convert.js";

/** What a framework computes: the inputs, and the logits or values of every step, one after the other. */
export interface Oracle {
  readonly inputs: readonly number[] | readonly (readonly number[])[];
  readonly outputs: readonly number[];
}

/** Beside it lies what the file refers to. */
export const besideFixture = (folder: string) => (name: string) => fixture(`convert/${folder}/${name}`);

/** Reads a fixture as a model whose outputs are logits, not probabilities. */
export async function importFixture(name: string, options: ImportOptions = {}): Promise<Model> {
  return importModel(await fixture(`convert/${name}`), { loss: "mse", ...options });
}

/** @throws unless a model's outputs are an oracle's */
export function expectOutputs(model: Model, { inputs, outputs }: Oracle, tolerance = 1e-5): void {
  const found = predict(model, inputs as number[]);
  expect(found).toHaveLength(outputs.length);
  const error = outputs.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  expect(error).toBeLessThan(tolerance);
}
