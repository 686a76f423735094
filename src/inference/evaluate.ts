import { TimeSlice } from "../common/event-loop.js";
import { integer, type OptionsOf, SIGNAL, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import type { Batches } from "../data/batches.js";
import { IGNORED } from "../data/examples.js";
import { fingerprint } from "../data/fingerprint.js";
import { UNK_INDEX } from "../data/vocabulary.js";
import type { Pass } from "../engine/pass.js";
import { padded } from "../kernels/kernels.js";
import { type Data, encodeData, isText, predictionBatches, readingBatches } from "../model/dataset.js";
import { checkModel, type InputKind, type Model } from "../model/model.js";
import { MAX_BATCH_SIZE, SEED, THREADS } from "../model/options.js";
import type { PassPlan } from "../network/plan.js";
import { type ClassFigures, ConfusionMatrix } from "./confusion.js";
import { checkFinite } from "./finite.js";
import { ALONE, DOUBLES, groupOf, inParts, type Parts, type Place, PROCESS_GROUP } from "./process-group.js";
import { argmax, sample } from "./sampling.js";
import { planSlice, sliceBytes, slicesOf } from "./slices.js";
import { Team } from "./team.js";

/** Options of {@link evaluate}. */
export const EVALUATE_OPTIONS = {
  /** Number of threads, which changes nothing but the time; 0 takes as many as are useful on this machine. */
  threads: THREADS,
  /** Processes that share the evaluation, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
  /** Aborts the evaluation with the signal's reason. */
  signal: SIGNAL,
};

/** Options of {@link predictNextTokens}. */
export const NEXT_TOKENS_OPTIONS = {
  /** Streams that the text is split into, as in training with this batch size. */
  batchSize: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Seed of the sampled predictions. */
  seed: SEED,
  /** Aborts with the signal's reason. */
  signal: SIGNAL,
};

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends OptionsOf<typeof EVALUATE_OPTIONS> {}

/** Options of {@link predictNextTokens}. */
export interface PredictNextTokensOptions extends OptionsOf<typeof NEXT_TOKENS_OPTIONS> {}

/** How well a model predicts a text, or the targets of examples. */
export interface Evaluation {
  /** Number of predictions: for a text, one fewer than its tokens. */
  readonly predictions: number;
  /** Mean loss per prediction: for tokens the cross-entropy in nats. */
  readonly loss: number;
  /** Perplexity, e to the loss: the number of equally likely tokens that would be as uncertain. For tokens. */
  readonly perplexity?: number;
  /** The loss in bits: loss / ln 2. For characters. */
  readonly bitsPerCharacter?: number;
  /** Fraction of predictions whose most probable token was correct. For tokens. */
  readonly accuracy?: number;
  /** Fraction of the target tokens that are `<unk>`. The other figures include these. For a vocabulary with `<unk>`. */
  readonly unknown?: number;
  /**
   * How often a target of each class (row) was predicted as each class (column), as in scikit-learn. For examples with at
   * most 1000 classes.
   */
  readonly confusion?: readonly (readonly number[])[];
  /** Precision and recall of each class. With `confusion`. */
  readonly classes?: readonly ClassFigures[];
  /** The figures without targets that are `<unk>`; absent if all are. */
  readonly known?: Required<Pick<Evaluation, "predictions" | "loss" | "perplexity" | "accuracy">>;
}

/** A model's predictions of every next token of a text. */
export interface NextTokenPredictions {
  /** The most probable tokens, starting with the one after the text's first token. */
  readonly text: string;
  /** Fraction of them that match the text. */
  readonly accuracy: number;
  /** The same with tokens sampled from the softmax. */
  readonly sampledText: string;
  /** Fraction of the sampled tokens that match the text. */
  readonly sampledAccuracy: number;
}

/**
 * Evaluates the model's predictions of each next token of a text, read as one sequence from a zero state, or of the
 * targets of examples.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or examples that do not fit the model
 * @throws LstmError if the model's weights are so large that its outputs overflow
 */
export async function evaluate<Reads extends InputKind>(
  model: Model<Reads>,
  data: Data<Reads>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const group = groupOf(options);
  return inParts(group, DOUBLES, () => evaluationOf(model, data, options, group));
}

/** An evaluation, or a process's part of it: counts, and then the sums of each pass. */
function evaluationOf(
  model: Model,
  data: Data,
  options: EvaluateOptions,
  place: Place = ALONE,
): Parts<Float64Array<ArrayBuffer>, Evaluation> {
  checkModel(model);
  const { threads, signal } = settle(EVALUATE_OPTIONS, options);
  const batches = readingBatches(model, data);
  const { kind, size } = model.output;
  const vocabulary = isText(data) ? model.vocabulary : undefined;
  const hasUnkToken = vocabulary?.hasUnkToken ?? false;
  const confusion = kind === "categorical" && !isText(data) ? ConfusionMatrix.of(size) : undefined;
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
      const loss = engine.loss(rowsOf(plan, start, r + 1, padded(size)), 0);
      for (const tally of tallies) tally.total += loss;
      start = r + 1;
    }
    if (kind === "categorical") return;
    all.predictions += valueRows(plan, floats, size);
    all.total += engine.loss(plan, 0);
  };

  return {
    model,
    settings: () => [
      ["what is shared", "evaluate"],
      ["the data", fingerprint(encodeData(model, data))],
    ],
    compute: async () => {
      const shared = { threads, name: "evaluation", place };
      owners = await forEachChunk(model, batches, { timeSlice: new TimeSlice(signal), parts: shared }, (plan) => {
        visit(plan);
        sums.push(...all.takeSums(), ...known.takeSums());
      });
      const counts = [...all.counts, ...known.counts, ...(confusion?.rows.flat() ?? [])];
      return Float64Array.from([...counts, ...sums]);
    },
    combine: (parts) => {
      const counts = all.counts.length + known.counts.length + (confusion ? size ** 2 : 0);
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

/**
 * Adds up what was computed in passes, in the order of these, whoever computed them.
 *
 * @param parts of each process, `width` numbers for each of its passes
 * @param owners the process of each pass
 */
function addInOrder(parts: readonly ArrayLike<number>[], owners: readonly number[], width: number): number[] {
  const next = parts.map(() => 0);
  const sums = new Array<number>(width).fill(0);
  for (const owner of owners) for (let k = 0; k < width; k++) sums[k]! += parts[owner]![next[owner]!++]!;
  return sums;
}

/**
 * Predicts each next token of a text from the true tokens before it: the most probable one, and one sampled from the
 * softmax. A model with a window sees only its window; any other starts from a zero state.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for a text too short for one prediction in every stream
 * @throws OptionError for an invalid option value
 */
export async function predictNextTokens(
  model: Model,
  text: string | Int32Array,
  options: PredictNextTokensOptions = {},
): Promise<NextTokenPredictions> {
  checkModel(model);
  const { batchSize, seed, signal } = settle(NEXT_TOKENS_OPTIONS, options);
  const random = new Random(seed);
  const batches = predictionBatches(model, text, batchSize);
  const best = new Int32Array(batches.predictionsPerEpoch);
  const sampled = new Int32Array(batches.predictionsPerEpoch);
  let correct = 0;
  let sampledCorrect = 0;
  const { size } = model.output;
  const stride = padded(size);
  await forEachChunk(model, batches, { timeSlice: new TimeSlice(signal) }, (plan) => {
    const { kernels, floats, integers } = model.engine;
    kernels.softmax(plan.logits, plan.outputRows, size, stride, 1);
    for (let r = 0; r < plan.outputRows; r++) {
      const row = plan.logits / 4 + r * stride;
      const target = integers[plan.targets / 4 + r];
      const place = batches.positionOf(Math.floor(r / plan.B), r % plan.B);
      best[place] = argmax(floats, row, size);
      sampled[place] = sample(floats, row, size, random);
      if (best[place] === target) correct++;
      if (sampled[place] === target) sampledCorrect++;
    }
  });
  return {
    text: model.vocabulary.decode(best),
    accuracy: correct / best.length,
    sampledText: model.vocabulary.decode(sampled),
    sampledAccuracy: sampledCorrect / best.length,
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

/** The mean loss per prediction on held-out data. @param run the run of several processes that share it */
export async function meanLoss(
  model: Model,
  batches: Batches,
  timeSlice: TimeSlice,
  threads: number,
  run?: Place & { gather(part: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]> },
): Promise<number> {
  const losses: number[] = [];
  batches.cursor = 0;
  const parts = { threads, name: "validation", place: run ?? ALONE };
  const owners = await forEachChunk(model, batches, { timeSlice, parts }, (plan) => {
    losses.push(model.engine.loss(plan, 0));
  });
  const own = Float64Array.from(losses);
  const all = run ? (await run.gather(DOUBLES.encode(own))).map(DOUBLES.decode) : [own];
  return addInOrder(all, owners, 1)[0]! / batches.predictionsPerEpoch;
}

/** Fewest sequences of a part, and most parts. */
const PART_SEQUENCES = 8;
const MOST_PARTS = 8;

/** How chunks are computed. */
export interface ChunkOptions {
  readonly timeSlice: TimeSlice;
  /**
   * Splits those of many sequences into parts, which threads share. Their number depends on the batch alone: so does the order of
   * the callbacks, and the bits of a sum over them.
   */
  readonly parts?: {
    /** 0 takes as many as are useful. */
    readonly threads: number;
    /** What is computed, for a warning. */
    readonly name: string;
    /** The process, among those that share the parts. */
    readonly place: Place;
  };
}

/**
 * Runs the model over all chunks, from a zero state, and passes the plan of each to a callback. Long chunks are run in slices,
 * so that the memory for activations is bounded.
 *
 * @param visit called for each pass of this process
 * @returns the process of each pass of all, in their order
 */
export async function forEachChunk(
  model: Model,
  batches: Batches,
  { timeSlice, parts: shared }: ChunkOptions,
  visit: (plan: PassPlan) => void,
): Promise<readonly number[]> {
  const { batchSize, returnSequences, weighted, chunkLength } = batches;
  const { engine, config } = model;
  const { place = ALONE, ...execution } = shared ?? { threads: 1, name: "" };
  const parts = shared ? Math.max(1, Math.min(MOST_PARTS, Math.floor(batchSize / PART_SEQUENCES))) : 1;
  const ownerOf = (part: number) => part % place.size;
  const own = Math.max(1, Math.ceil((parts - place.rank) / place.size));
  const owners: number[] = [];
  // Plan first: the carried state may be as large as all that a step needs.
  engine.plan(1, Math.ceil(batchSize / parts));
  const states = Array.from({ length: parts }, (_, part) => engine.createState(Math.ceil((batchSize - part) / parts)));
  const most = new Array<number>(Math.ceil(batchSize / parts)).fill(chunkLength);
  const team = await Team.of(engine, {
    most: own,
    passes: own,
    passBytes: sliceBytes(engine, most, config.bidirectional, { returnSequences, weighted }),
    steps: (batches.chunksPerEpoch * batches.mostSteps(batchSize) * own) / parts,
    ...execution,
  });
  try {
    for (; batches.nextLength > 0; batches.advance()) {
      const { nextLength: T, nextBatchSize: B, nextLengths: all = new Array<number>(B).fill(T) } = batches;
      const shares = Array.from({ length: Math.min(parts, B) }, (_, part) => {
        const lengths = all.filter((_, b) => b % parts === part);
        if (!batches.continuous) states[part]!.fill(0);
        return { part, lengths, slices: slicesOf(lengths, config.bidirectional) };
      });
      while (shares.some(({ slices }) => slices.length > 0)) {
        if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
        const passes: Pass[] = [];
        for (const { part, lengths, slices } of shares) {
          const slice = slices.shift();
          if (!slice) continue;
          const isVisited = returnSequences || slice.ending > 0;
          if (isVisited) owners.push(ownerOf(part));
          if (ownerOf(part) !== place.rank) continue;
          const state = states[part]!;
          passes.push({
            plan: (address) => planSlice(engine, lengths, slice, { returnSequences, weighted }, address),
            write: (plan) => {
              batches.write(engine, plan, { ...slice, first: part, stride: parts });
              engine.loadState(plan, state, lengths.length);
            },
            take: (plan) => {
              engine.storeState(plan, state, lengths.length);
              if (isVisited) visit(plan);
            },
          });
        }
        await team.run(passes);
      }
    }
  } finally {
    team.free();
  }
  return owners;
}
