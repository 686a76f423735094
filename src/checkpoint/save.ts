import { LstmError } from "../common/errors.js";
import { boolean, type OptionsOf, settle } from "../common/options.js";
import { restorerOf } from "../data/restore.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { checkModel, type Model } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { type Snapshot, trainingOf, viewOf } from "../training/training-state.js";
import { check, FORMAT, LIBRARY, USER } from "./check.js";
import { readNow, writeParameters } from "./parameters.js";
import type { Bytes } from "./safetensors/bytes.js";
import { type SafeTensors, type TensorData, write, writePieces } from "./safetensors/safetensors.js";
import { CUSTOM_VOCABULARY, readVocabulary } from "./settings.js";
import { checkTraining, writeTraining } from "./training.js";

const SAVE_OPTIONS = {
  /** Includes the training state, from which the run can be resumed. */
  training: boolean({ default: true }),
};

/** Options of {@link save}. */
export interface SaveOptions extends OptionsOf<typeof SAVE_OPTIONS> {}

/**
 * Serializes a model to the bytes of a safetensors file. Between two reports of a training run, this includes the run's
 * current state; with a validation split, the saved parameters are the best so far.
 *
 * @throws CheckpointError if {@link load} would reject the file, for example because a parameter is not finite
 * @throws OutOfMemoryError if the bytes do not fit into one array; {@link saveChunks} needs none
 */
export function save(model: Model, options: SaveOptions = {}): Bytes {
  const { tensors, metadata } = contentsOf(model, options);
  return write(tensors, metadata);
}

/**
 * The bytes of {@link save} in pieces no larger than a tensor, for files too large for memory. Everything is checked
 * before the first piece. Do not use the model until the last.
 *
 * @throws CheckpointError as {@link save} does
 * @throws LstmError between two pieces if the model was trained or its memory grew
 */
export function saveChunks(model: Model, options: SaveOptions = {}): Iterable<Bytes> {
  const { tensors, metadata } = contentsOf(model, options);
  return whileUnused(writePieces(tensors, metadata), model, standingOf(model));
}

/** A value that changes when the model is trained or its memory grows. */
function standingOf(model: Model): unknown[] {
  const run = trainingOf(model);
  return [run, run?.progress.step, model.engine.floats.buffer];
}

/** @throws LstmError between two pieces if the numbers are no longer those that were checked */
function* whileUnused<Piece>(pieces: Iterable<Piece>, model: Model, before: unknown[]): Generator<Piece, void, void> {
  for (const piece of pieces) {
    if (standingOf(model).some((value, i) => value !== before[i]))
      throw new LstmError("the model was used while it was being saved: leave it alone until the last piece");
    yield piece;
  }
}

/** The validated contents of a checkpoint. The numbers stay in the model until they are written. */
function contentsOf(model: Model, options: SaveOptions): SafeTensors {
  checkModel(model);
  const { training } = settle(SAVE_OPTIONS, options);
  const { engine, config } = model;
  const running = trainingOf(model);
  const snapshot: Partial<Snapshot> =
    running === undefined ? {} : "snapshot" in running ? running.snapshot() : { state: running };
  const parameters = snapshot.parameters ?? viewOf(engine, engine.parameters);
  const tensors = new Map<string, TensorData>(writeParameters(engine.table, parameters));
  const int8 = model.int8?.stored(engine.floats.buffer, engine.parameters) ?? [];
  for (const [name, tensor] of int8) tensors.set(name, tensor);
  const metadata = new Map([
    ["format", FORMAT],
    ["backend", model.backend],
    ["model", JSON.stringify(config)],
  ]);
  const vocabulary = model.reads === "tokens" ? model.vocabulary : undefined;
  const restore = vocabulary && restorerOf(vocabulary);
  const custom = restore ? undefined : vocabulary;
  if (vocabulary) metadata.set(custom ? CUSTOM_VOCABULARY : "vocabulary", JSON.stringify(vocabulary.toJSON()));
  for (const [key, value] of model.attributes) metadata.set(LIBRARY + key, value);
  for (const [key, value] of model.metadata) metadata.set(USER + key, value);
  if (training && snapshot.state) writeTraining(tensors, metadata, model, snapshot.state);
  const checkWords = (config: ModelConfig, entries: number) => {
    if (vocabulary && writable.has(vocabulary)) return;
    readVocabulary(metadata, entries, config, custom, restore!);
    if (vocabulary && !custom) writable.add(vocabulary);
  };
  const checking = check({ tensors, metadata }, checkWords, { checkTraining });
  readNow(checking, tensors);
  return { tensors, metadata };
}

/** Vocabularies known to survive a round trip: checking a large one takes seconds. */
const writable = new WeakSet<Vocabulary>();
