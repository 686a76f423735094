import { engineForward } from "#lstm/engine/forward.js";
import type { Model } from "#lstm/model/model.js";
import type { Case } from "../cases/cases.js";
import type { Variant } from "../cases/variants.js";
import { createCaseModel, createTrainer } from "./workload.js";

/** Reordering float32 sums of thousands of terms changes them by some 10⁻⁶; a wrong kernel changes far more. */
const TOLERANCE = 1e-4;

/**
 * Checks, before anything is timed, that all variants of a case compute the same: the losses of two training steps, the
 * second of which depends on every gradient of the first, or the logits after one token.
 *
 * @throws Error where two variants disagree
 */
export async function crossCheck(spec: Case, variants: readonly Variant[]): Promise<void> {
  let first: { name: string; numbers: number[] } | undefined;
  for (const { backend, threads } of variants) {
    const name = `${backend} on ${threads} thread(s)`;
    const model = await createCaseModel(spec, backend);
    const numbers = spec.training ? await twoLosses(spec, model, threads) : logits(model);
    model.free();
    first ??= { name, numbers };
    const scale = Math.max(...first.numbers.map(Math.abs));
    const difference = Math.max(...numbers.map((number, i) => Math.abs(number - first!.numbers[i]!))) / scale;
    if (!(difference <= TOLERANCE))
      throw new Error(`${spec.name}: ${name} differs from ${first.name} by ${difference.toExponential(1)}`);
  }
}

async function twoLosses(spec: Case, model: Model, threads: number): Promise<number[]> {
  const trainer = await createTrainer(spec, model, threads);
  const losses = [];
  for (let step = 0; step < 2; step++) {
    const before = trainer.progress.epochLoss;
    await trainer.advance();
    losses.push(trainer.progress.epochLoss - before);
  }
  trainer.free();
  return losses;
}

function logits({ engine, vocabulary }: Model): number[] {
  const plan = engine.plan(1, 1);
  engine.integers[plan.inputs / 4] = 0;
  engineForward(engine, plan, engine.createState(1));
  return Array.from(engine.floats.subarray(plan.logits / 4, plan.logits / 4 + vocabulary.size));
}
