import { naturalLogarithm } from "../common/exact-math.js";
import type { Model } from "../model/model.js";

/** A loss this many times the reference counts as an explosion. */
const EXPLOSION = 1000;
/** Tokens and classes: likewise, of a run whose best loss was below the reference's half. */
const EXPLOSION_AFTER_LEARNING = 2;
/** But no fewer nats than twice the reference of some thirty characters: few classes cost as much where some are mistaken for sure. */
const LEAST_EXPLOSION = 7;
/** Language models: epochs in a row after which such a run is lost. Those that were seen to come back took 20 at most, by Adam with large steps. */
const LOST = 50;
/** Above the best loss, beyond this share of it and of the reference: more than epochs differ by chance, or than anyone sees. */
const [WORSE, NOTICED] = [0.1, 0.001];

/**
 * Whether a finite mean loss is hopeless. For cross-entropy the reference is the logarithm of the number of classes, the
 * loss of an untrained network: a run that has learned and is now twice as bad does not recover, unless there are few
 * classes. Values have units of their own, so their reference is the loss of the first epoch, and only a thousandfold counts.
 *
 * @param before the mean losses of earlier epochs
 */
export function isExplosion(output: Model["output"], loss: number, before: readonly number[]): boolean {
  const reference = referenceOf(output, before);
  if (reference === undefined) return false;
  const hasLearned = output.kind === "categorical" && before.some((earlier) => earlier < reference / 2);
  return (
    loss > (hasLearned ? Math.max(LEAST_EXPLOSION, EXPLOSION_AFTER_LEARNING * reference) : EXPLOSION * (1 + reference))
  );
}

/**
 * Whether a language model's run has lost what it had learned: for {@link LOST} epochs it has been nearer to an untrained network
 * than to its best. What is thrown off by one large step is back sooner, or never.
 *
 * @param losses the mean losses of all epochs
 */
export function isLost({ isLanguageModel, output }: Model, losses: readonly number[]): boolean {
  const untrained = naturalLogarithm(output.size);
  // Looked at now and then: a run may have a million epochs.
  if (!isLanguageModel || losses.length % LOST > 0 || !(losses.at(-1)! > untrained / 2)) return false;
  const recent = losses.slice(-LOST);
  const best = losses.reduce((least, loss) => Math.min(least, loss));
  return best < untrained / 2 && recent.every((loss) => loss > (best + untrained) / 2);
}

/**
 * Whether a run's last mean loss is so much above its best that it is better to go back. Large steps throw a network off
 * again and again, and most runs recover, so only the end tells.
 *
 * @param losses the mean losses of all epochs
 */
export function isWorse(output: Model["output"], best: number, losses: readonly number[]): boolean {
  const reference = referenceOf(output, losses);
  return reference !== undefined && losses.at(-1)! > (1 + WORSE) * best + NOTICED * reference;
}

const referenceOf = ({ kind, size }: Model["output"], losses: readonly number[]): number | undefined =>
  kind === "categorical" ? naturalLogarithm(size) : losses[0];
