import { Random } from "#lstm/common/random.js";
import { type Batches, TokenStreams, TokenWindows } from "#lstm/data/batches.js";
import { CharacterVocabulary } from "#lstm/data/vocabulary.js";
import { generate } from "#lstm/inference/generate.js";
import type { Backend } from "#lstm/kernels/kernels.js";
import { createModel, type Model } from "#lstm/model/model.js";
import { settleTraining } from "#lstm/training/options.js";
import { defaultShardCount } from "#lstm/training/shard-count.js";
import { Trainer } from "#lstm/training/trainer.js";
import type { Case } from "./cases.js";

/** A case set up on one backend, to be run as often as one likes. */
export interface Subject {
  /** Tokens that one run trains on or writes. */
  readonly tokens: number;
  run(): Promise<void>;
  free(): void;
}

/** Tokens that one run of a generation case writes. */
const GENERATED = 200;

/** What is timed: a whole training step, or a passage written by sampling. */
export async function subjectFor(spec: Case, backend: Backend, threads: number): Promise<Subject> {
  const model = await modelFor(spec, backend);
  if (!spec.training) {
    const prompt = model.vocabulary.tokens[0]!;
    return {
      tokens: GENERATED,
      run: async () => {
        for await (const _ of generate(model, { prompt, maxTokens: GENERATED }));
      },
      free: () => model.free(),
    };
  }
  const trainer = trainerFor(spec, model, threads);
  return {
    tokens: spec.batchSize * spec.training.sequenceLength,
    run: () => trainer.advance(),
    free: () => {
      trainer.free();
      model.free();
    },
  };
}

/** The same model for every backend: the parameters depend on the seed alone. */
export function modelFor({ vocabularySize, hiddenSize, layers }: Case, backend: Backend): Promise<Model> {
  const tokens = Array.from({ length: vocabularySize }, (_, i) => String.fromCodePoint(0x4e00 + i));
  return createModel({ vocabulary: new CharacterVocabulary(tokens), hiddenSize, layers, backend });
}

/** Whole training steps on a case's random tokens. */
export function trainerFor(spec: Case, model: Model, threads: number): Trainer {
  const { optimizer, sequenceLength } = spec.training!;
  const settled = settleTraining({ optimizer, sequenceLength, batchSize: spec.batchSize, clipNorm: 5 });
  const gradientShards = defaultShardCount(spec.batchSize, model.parameterCount);
  return new Trainer(
    model,
    batchesOf(spec),
    { ...settled, gradientShards },
    Math.min(threads, gradientShards),
    spec.name,
  );
}

/** Random tokens for a training case, in an epoch of four chunks. */
function batchesOf({ batchSize, vocabularySize, training }: Case): Batches {
  const { sequenceLength, returnSequences } = training!;
  const random = new Random(1);
  const tokens = Int32Array.from({ length: batchSize * sequenceLength * 4 + 1 }, () =>
    Math.floor(random.uniform() * vocabularySize),
  );
  return returnSequences
    ? new TokenStreams(tokens, batchSize, sequenceLength)
    : new TokenWindows(tokens, batchSize, sequenceLength);
}
