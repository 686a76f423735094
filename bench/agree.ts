import type { Model } from "#lstm/model/model.js";
import type { Case } from "./cases.js";
import { modelFor, trainerFor } from "./subject.js";
import type { Variant } from "./variants.js";

/** float32 sums of thousands of terms in another order differ by some 10⁻⁶; a wrong kernel differs by far more. */
const TOLERANCE = 1e-4;

/**
 * Checks that a case's computation comes to the same in all variants, before anybody times it: the losses of two
 * training steps, the second of which depends on every gradient of the first; or the scores after one token.
 *
 * @throws Error where two variants disagree
 */
export async function checkAgreement(spec: Case, variants: readonly Variant[]): Promise<void> {
  let first: { name: string; numbers: number[] } | undefined;
  for (const { backend, threads } of variants) {
    const name = `${backend} on ${threads} thread(s)`;
    const model = await modelFor(spec, backend);
    const numbers = spec.training ? await twoLosses(spec, model, threads) : scores(model);
    model.free();
    first ??= { name, numbers };
    const scale = Math.max(...first.numbers.map(Math.abs));
    const difference = Math.max(...numbers.map((number, i) => Math.abs(number - first!.numbers[i]!))) / scale;
    if (!(difference <= TOLERANCE))
      throw new Error(`${spec.name}: ${name} differs from ${first.name} by ${difference.toExponential(1)}`);
  }
}

async function twoLosses(spec: Case, model: Model, threads: number): Promise<number[]> {
  const trainer = trainerFor(spec, model, threads);
  const losses = [];
  for (let step = 0; step < 2; step++) {
    const before = trainer.progress.epochLoss;
    await trainer.advance();
    losses.push(trainer.progress.epochLoss - before);
  }
  trainer.free();
  return losses;
}

function scores({ engine, vocabulary }: Model): number[] {
  const plan = engine.plan(1, 1);
  engine.integers[plan.inputs / 4] = 0;
  engine.forward(plan, engine.createState(1));
  return Array.from(engine.floats.subarray(plan.logits / 4, plan.logits / 4 + vocabulary.size));
}
