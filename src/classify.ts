/**
 * Classification of sequences, from files as they are to the names of the classes: import it from `lstm-wasm/classify`,
 * beside `lstm-wasm`.
 *
 * @module lstm-wasm/classify
 */

export type {
  Classification,
  ClassifierDescription,
  ClassifierOptions,
  ValidationFigures,
} from "./classification/classifier.js";
export { classify, createClassifier, evaluateClassifier, getClassifier } from "./classification/classifier.js";
export { READING_OPTIONS } from "./classification/frames.js";
export type { LabeledCsvOptions } from "./classification/labeled-csv.js";
export { readLabeledCsv } from "./classification/labeled-csv.js";
export type { ClassifierRecipe } from "./classification/recipe.js";
export { CLASSIFIER_RECIPE } from "./classification/recipe.js";
export type { ScalerDescription } from "./classification/scaler.js";
export type { LabeledSequence, LabeledSequences, SequenceOptions } from "./classification/sequences.js";
export { SEQUENCE_OPTIONS } from "./classification/sequences.js";
export type { ClassifierReport, ClassifierTraining, ClassifierTrainOptions } from "./classification/training.js";
export { trainClassifier } from "./classification/training.js";
export { parseTs } from "./classification/ts-format.js";
