import { TimeSlice } from "../common/event-loop.js";
import type { SettledOptions } from "../common/options.js";
import { Random } from "../common/random.js";
import type { Batches, TextBatches } from "../data/batches.js";
import { IGNORED } from "../data/examples.js";
import { UNK_INDEX } from "../data/vocabulary.js";
import { argmax, indexAt } from "../decoding/sampling.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import { lossOf } from "../network/loss.js";
import type { PassPlan } from "../network/plan.js";
import { addInOrder, forEachChunk } from "./chunks.js";
import { ConfusionMatrix } from "./confusion.js";
import type { EVALUATE_OPTIONS, Evaluation, NEXT_TOKENS_OPTIONS, NextTokenPredictions } from "./evaluation-options.js";
import { checkFinite } from "./finite.js";
import type { Parts } from "./parts.js";
import { ALONE, type Place } from "./process-group.js";

// Fetched by `evaluate` and `predictNextTokens`.

/**
 * An evaluation, or a process's part of it: counts, and then the sums of each pass.
 *
 * @param print identifies the data where processes share it
 */
export function evaluationOf(
  model: Model,
  batches: Batches,
  isText: boolean,
  { threads, processGroup, signal }: SettledOptions<typeof EVALUATE_OPTIONS>,
  place: Place = ALONE,
  print = "",
): Parts<Float64Array<ArrayBuffer>, Evaluation> {
  const { kind, size } = model.output;
  const vocabulary = isText ? model.vocabulary : undefined;
  const hasUnkToken = vocabulary?.hasUnkToken ?? false;
  const confusion = kind === "categorical" && !isText ? ConfusionMatrix.of(size) : undefined;
  const all = new Tally();
  const known = new Tally();
  const sums: number[] = [];
  let owners: readonly number[] = [];

  const visit = (plan: PassPlan) => {
    const { engine } = model;
    const { floats, integers } = engine;
    const { targets, logits, weights, outputRows } = plan;
    let start = 0;
    for (let r = 0; kind === "categorical" && r < outputRows; r++) {
      const target = integers[targets / 4 + r]!;
      const isUnknown = hasUnkToken && target === UNK_INDEX;
      const tallies = isUnknown ? [all] : [all, known];
      if (target !== IGNORED) {
        const predicted = argmax(floats, logits / 4 + r * padded(size), size);
        const isHit = predicted === target;
        confusion?.add(target, predicted);
        const weight = weights ? floats[weights / 4 + r]! : 1;
        for (const tally of tallies) tally.count(isHit, weight);
      }
      // The kernel sums over rows, so it is called once per run of rows of the same kind.
      const isNextUnknown = hasUnkToken && integers[targets / 4 + r + 1] === UNK_INDEX;
      if (r + 1 < outputRows && isNextUnknown === isUnknown) continue;
      const loss = lossOf(engine, rowsOf(plan, start, r + 1, padded(size)), 0);
      for (const tally of tallies) tally.total += loss;
      start = r + 1;
    }
    if (kind === "categorical") return;
    all.predictions += valueRows(plan, floats, size);
    all.total += lossOf(engine, plan, 0);
  };

  return {
    model,
    settings: () => [
      ["what is shared", "evaluate"],
      ["the data", print],
    ],
    compute: async () => {
      await model.engine.complete();
      const shared = { threads, processes: processGroup?.localSize, name: "evaluation", place };
      owners = await forEachChunk(model, batches, { timeSlice: new TimeSlice(signal), parts: shared }, (plan) => {
        visit(plan);
        sums.push(...all.takeSums(), ...known.takeSums());
      });
      const counts = [...all.counts, ...known.counts, ...(confusion?.rows.flat() ?? [])];
      return Float64Array.from([...counts, ...sums]);
    },
    combine: (parts) => {
      const counts = all.counts.length + known.counts.length + (confusion ? size * size : 0);
      const total = (i: number) => parts.reduce((sum, part) => sum + part[i]!, 0);
      all.setCounts([0, 1].map(total));
      known.setCounts([2, 3].map(total));
      for (const [target, row] of confusion?.rows.entries() ?? [])
        for (let predicted = 0; predicted < size; predicted++) row[predicted] = total(4 + target * size + predicted);
      const added = addInOrder(
        parts.map((part) => part.subarray(counts)),
        owners,
        4,
      );
      all.setSums(added.slice(0, 2));
      known.setSums(added.slice(2));
      const { predictions } = all;
      const loss = all.total / batches.predictionsPerEpoch;
      checkFinite([loss]);
      if (kind === "continuous") return { predictions, loss };
      return {
        ...all.figures,
        ...(confusion ? { confusion: confusion.rows, classes: confusion.figures(model.config.classes) } : {}),
        ...(vocabulary?.level === "char" ? { bitsPerCharacter: loss / Math.LN2 } : {}),
        ...(hasUnkToken ? { unknown: 1 - known.predictions / predictions } : {}),
        ...(hasUnkToken && known.predictions > 0 ? { known: known.figures } : {}),
      };
    },
  };
}

/** Numbers of a process's part before its predictions: how many were correct. */
const HEAD = 2;
/** Numbers of a prediction: its position, the most probable token, and a sampled one. */
const EACH = 3;

/**
 * The predictions of every next token of all batches, or a process's part of them.
 *
 * @param print identifies the text where processes share it
 */
export function nextTokensOf(
  model: Model,
  batches: TextBatches,
  { batchSize, seed, threads, processGroup, signal }: SettledOptions<typeof NEXT_TOKENS_OPTIONS>,
  place: Place = ALONE,
  print = "",
): Parts<Int32Array<ArrayBuffer>, NextTokenPredictions> {
  const { size } = model.output;
  const stride = padded(size);
  const count = batches.predictionsPerEpoch;

  const compute = async () => {
    const random = new Random(seed);
    // One for each prediction, step by step, whoever makes it.
    const shares = Float64Array.from({ length: count }, () => random.uniform());
    const part = new Int32Array(HEAD + EACH * count);
    let end = HEAD;
    const shared = { threads, processes: processGroup?.localSize, name: "evaluation", place };
    await forEachChunk(
      model,
      batches,
      { timeSlice: new TimeSlice(signal), parts: shared },
      (plan, { from, first, stride: apart }) => {
        const { kernels, floats, integers } = model.engine;
        kernels.softmax(plan.logits, plan.outputRows, size, stride, 1);
        const sequences = batches.returnSequences ? plan.B : plan.outputRows;
        for (let r = 0; r < plan.outputRows; r++) {
          const row = plan.logits / 4 + r * stride;
          const target = integers[plan.targets / 4 + r];
          const [t, b] = [from + Math.floor(r / sequences), first + apart * (r % sequences)];
          const share = shares[batches.returnSequences ? (batches.cursor + t) * batchSize + b : batches.cursor + b]!;
          const [best, sampled] = [argmax(floats, row, size), indexAt(floats, row, size, share)];
          if (best === target) part[0]!++;
          if (sampled === target) part[1]!++;
          part[end] = batches.positionOf(t, b);
          part[end + 1] = best;
          part[end + 2] = sampled;
          end += EACH;
        }
      },
    );
    return part.slice(0, end);
  };

  return {
    model,
    settings: () => [
      ["what is shared", "predictNextTokens"],
      ["the text", print],
      ["batchSize", `${batchSize}`],
      ["seed", `${seed}`],
    ],
    compute,
    combine: (parts) => {
      const [best, sampled] = [new Int32Array(count), new Int32Array(count)];
      for (const part of parts)
        for (let i = HEAD; i < part.length; i += EACH) {
          best[part[i]!] = part[i + 1]!;
          sampled[part[i]!] = part[i + 2]!;
        }
      const correct = (i: number) => parts.reduce((sum, part) => sum + part[i]!, 0) / count;
      return {
        text: model.vocabulary.decode(best),
        accuracy: correct(0),
        sampledText: model.vocabulary.decode(sampled),
        sampledAccuracy: correct(1),
      };
    },
  };
}

/** Predictions counted together. */
class Tally {
  predictions = 0;
  /** The sum of the weighted losses, and of their weights. */
  total = 0;
  private weight = 0;
  private correct = 0;

  count(isHit: boolean, weight: number): void {
    this.predictions++;
    this.weight += weight;
    if (isHit) this.correct++;
  }

  /** Numbers of which the order of addition does not matter. */
  get counts(): number[] {
    return [this.predictions, this.correct];
  }

  setCounts([predictions, correct]: readonly number[]): void {
    this.predictions = predictions!;
    this.correct = correct!;
  }

  /** The sums so far, which then begin anew. */
  takeSums(): number[] {
    const sums = [this.total, this.weight];
    this.setSums([0, 0]);
    return sums;
  }

  setSums([total, weight]: readonly number[]): void {
    this.total = total!;
    this.weight = weight!;
  }

  get loss(): number {
    return this.total / this.weight;
  }

  get figures() {
    const { predictions, loss, correct } = this;
    return { predictions, loss, perplexity: Math.exp(loss), accuracy: correct / predictions };
  }
}

/** The outputs of a pass that are rows `from` to `to` − 1, as if they were all; a row of tokens or classes each. */
const rowsOf = (plan: PassPlan, from: number, to: number, stride: number): PassPlan => ({
  ...plan,
  logits: plan.logits + 4 * from * stride,
  targets: plan.targets + 4 * from,
  weights: plan.weights && plan.weights + 4 * from,
  outputRows: to - from,
});

/** The number of rows with a target that counts. */
function valueRows({ targets, outputRows }: PassPlan, floats: Float32Array, size: number): number {
  let rows = 0;
  for (let r = 0; r < outputRows; r++) {
    const row = targets / 4 + r * padded(size);
    if (!floats.subarray(row, row + size).every(Number.isNaN)) rows++;
  }
  return rows;
}
