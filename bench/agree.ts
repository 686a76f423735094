import type { Backend } from "#lstm/kernels/kernels.js";
import type { Model } from "#lstm/model.js";
import type { Case } from "./cases.js";
import { modelFor, trainerFor } from "./measure.js";

/** float32 sums of thousands of terms in another order differ by some 10⁻⁶; a wrong kernel differs by far more. */
const TOLERANCE = 1e-4;

/**
 * Checks that a case's computation comes to the same on all backends, before anybody times it: the losses of two
 * training steps, the second of which depends on every gradient of the first; or the scores after one token.
 *
 * @throws Error where two backends disagree
 */
export async function checkAgreement(spec: Case, backends: readonly Backend[]): Promise<void> {
  let first: { backend: Backend; numbers: number[] } | undefined;
  for (const backend of backends) {
    const model = await modelFor(spec, backend);
    const numbers = spec.training ? await twoLosses(spec, model) : scores(model);
    model.free();
    first ??= { backend, numbers };
    const scale = Math.max(...first.numbers.map(Math.abs));
    const difference = Math.max(...numbers.map((number, i) => Math.abs(number - first!.numbers[i]!))) / scale;
    if (!(difference <= TOLERANCE))
      throw new Error(`${spec.name}: ${backend} differs from ${first.backend} by ${difference.toExponential(1)}`);
  }
}

async function twoLosses(spec: Case, model: Model): Promise<number[]> {
  const trainer = trainerFor(spec, model);
  const losses: number[] = [];
  while (losses.length < 2) {
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
  return Array.from(engine.floats.subarray(plan.scores / 4, plan.scores / 4 + vocabulary.size));
}
