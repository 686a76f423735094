import { CharacterVocabulary, type Vocabulary } from "../data/vocabulary.js";
import { WordVocabulary } from "../data/words.js";
import { createModel, type Model } from "../model/model.js";
import { unknownIn } from "./unknown.js";

/** A vocabulary extended by the tokens of a text that it lacks, at its end. */
export function extendedVocabulary(vocabulary: Vocabulary, text: string): Vocabulary {
  const fresh = [...unknownIn(vocabulary, text).keys()].sort();
  if (fresh.length === 0) return vocabulary;
  const tokens = [...vocabulary.tokens, ...fresh];
  return vocabulary instanceof WordVocabulary
    ? new WordVocabulary(tokens, vocabulary)
    : new CharacterVocabulary(tokens, { lowercase: (vocabulary as CharacterVocabulary).lowercase });
}

/**
 * A model with the parameters of another, which is freed. Parameters that a larger vocabulary adds (columns of one-hot
 * weights, rows of the embedding and the output layer) start as in a new model.
 *
 * @param changes a vocabulary that begins with the old one's tokens; another seed
 */
export async function rebuild(
  model: Model,
  { vocabulary = model.vocabulary, seed = model.config.seed }: { vocabulary?: Vocabulary; seed?: number | undefined },
): Promise<Model> {
  const outputSize = model.isLanguageModel ? 0 : model.config.outputSize;
  const { huberDelta: _, initStd, initialization, ...config } = model.config;
  const fresh = await createModel({
    ...config,
    ...{ outputSize, seed, vocabulary, initialization, backend: model.backend },
    ...(initialization === "normal" ? { initStd } : {}),
  });
  for (const [i, { name, shape }] of model.tensors.entries()) {
    const before = model.tensor(name);
    const after = fresh.tensor(name);
    // Only the last dimension of the one-hot weights, or the first of others, can have grown.
    const width = shape.at(-1)!;
    const stride = fresh.tensors[i]!.shape.at(-1)!;
    if (shape.length === 1) after.set(before);
    else
      for (let row = 0; row < shape[0]!; row++)
        after.set(before.subarray(row * width, (row + 1) * width), row * stride);
    fresh.setTensor(name, after);
  }
  for (const [key, text] of model.metadata) fresh.metadata.set(key, text);
  for (const [key, text] of model.attributes) fresh.attributes.set(key, text);
  model.free();
  return fresh;
}
