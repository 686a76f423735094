import { totalmem } from "node:os";
import { mebibytes, OutOfMemoryError } from "../common/errors.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { ADDRESSABLE } from "../kernels/kernels.js";
import { wasmScratch } from "../kernels/scratch.js";
import { shapeOf } from "../model/model.js";
import { type ModelOptions, settleModel } from "../model/options.js";
import { planParameters } from "../network/parameters.js";
import { planPass } from "../network/plan.js";
import { optimizerOf } from "../optim/optimizers.js";
import { settleTraining, type TrainOptions } from "../training/options.js";
import { defaultShardCount } from "../training/shard-count.js";

/** A run that takes at least this many bytes is announced with its size. */
const MUCH = 2 ** 30;
/** Above this many tokens, most parameters are in the input and output layers. */
const MANY_TOKENS = 5000;

/** A text's model and its training run. */
export interface Plan {
  readonly model: ModelOptions;
  readonly training: TrainOptions;
  readonly vocabulary: Pick<Vocabulary, "size" | "level">;
  /** Tokens of the text. */
  readonly length: () => number;
}

/**
 * Checks that a run fits into memory, before any is allocated.
 *
 * @param most available bytes
 * @returns a notice about a run that takes a lot of memory
 * @throws OutOfMemoryError if it does not fit
 */
export function planMemory(plan: Plan, most = availableMemory()): string | undefined {
  const needs = memoryNeeds(plan);
  const total = sum(needs);
  if (total <= Math.min(most, MUCH)) return undefined;
  const advice = adviceFor(plan, Math.min(most, 0.9 * total));
  if (total > most) throw new OutOfMemoryError(total, needs, `there are ${mebibytes(most)}. Use ${advice}`);
  return `The run takes ${mebibytes(total)} of memory; it takes less with ${advice}`;
}

/** WebAssembly's address space, or the memory of the machine or container if that is less. */
const availableMemory = (): number => Math.min(ADDRESSABLE, totalmem(), process.constrainedMemory?.() || Infinity);

/** Bytes of a training run, by what they are for. */
export function memoryNeeds({ model, training, vocabulary, length }: Plan): Record<string, number> {
  const config = settleModel(model);
  const run = settleTraining(training);
  const { batchSize, sequenceLength, dropout } = run;
  const shape = shapeOf(config, vocabulary.size);
  const table = planParameters(shape);
  const T = config.window || sequenceLength || Math.ceil(length() / batchSize);
  const shards = Math.min(batchSize, run.gradientShards || defaultShardCount(batchSize, table.count));
  const B = Math.ceil(batchSize / shards);
  const pass = planPass(
    shape,
    wasmScratch,
    T,
    B,
    { training: true, dropout: dropout > 0, outputRows: config.returnSequences ? T * B : B, targetWidth: 1 },
    0,
  );
  const parameters = 4 * table.length;
  return {
    parameters,
    // Includes a copy of the parameters before the last update.
    "optimizer state": (1 + optimizerOf(run).stateNames(run).length) * parameters,
    [shards === 1 ? "gradients" : `gradients of ${shards} shards`]: shards * parameters,
    activations: shards * pass.end,
  };
}

/** The options to lower so that a run fits into so many bytes. */
function adviceFor(plan: Plan, below: number): string {
  const { model, training, vocabulary } = plan;
  const { embeddingSize, hiddenSize } = settleModel(model);
  const run = settleTraining(training);
  const needs = (change: Partial<Plan>) => sum(memoryNeeds({ ...plan, ...change }));
  const ways: string[] = [];
  const offer = (way: string, needed: number) => {
    if (needed < below) ways.push(`${way} (${mebibytes(needed)})`);
  };
  if (embeddingSize === 0 && vocabulary.size > MANY_TOKENS)
    offer(`--embedding-size ${hiddenSize}`, needs({ model: { ...model, embeddingSize: hiddenSize } }));
  offer("--gradient-shards 1", needs({ training: { ...training, gradientShards: 1 } }));
  if (vocabulary.level === "word" && vocabulary.size > MANY_TOKENS) {
    const maxTokens = 10 ** Math.floor(Math.log10(vocabulary.size - 1));
    offer(`--max-tokens ${maxTokens}`, needs({ vocabulary: { level: "word", size: maxTokens } }));
  }
  if (run.batchSize > 1) offer("--batch-size 1", needs({ training: { ...training, batchSize: 1 } }));
  if (hiddenSize > 32) offer("--hidden-size 32", needs({ model: { ...model, hiddenSize: 32 } }));
  return ways.length === 0
    ? "smaller values of all of --hidden-size, --embedding-size, --max-tokens, --batch-size and --sequence-length"
    : ways.join(", or ");
}

const sum = (needs: Readonly<Record<string, number>>): number => Object.values(needs).reduce((a, b) => a + b, 0);
