import { evaluateClassifier, getClassifier } from "../classification/classifier.js";
import { toJson } from "../common/show.js";
import { evaluate } from "../inference/evaluate.js";
import { EVALUATE_OPTIONS } from "../inference/evaluation-options.js";
import { surprisals } from "../inference/surprisals.js";
import { CREATE_OPTIONS } from "../model/options.js";
import { loadModel } from "./files.js";
import {
  describeFlags,
  type Flag,
  flagsOf,
  optionsFrom,
  parseFlags,
  required,
  UsageError,
  type Values,
} from "./flags.js";
import { describeConfusion } from "./judgement.js";
import { describeSequences, FILE_FLAGS, type FileFlags, readSequencesFor } from "./sequences.js";
import { count, percent } from "./terminal.js";
import { checkEncoding, readTexts } from "./texts.js";
import { encodeKnown, skipUnknownTokens } from "./unknown.js";

/** Options of evaluate without a flag. */
const WITHOUT = ["signal", "processGroup"];

const EXECUTION: Record<string, Flag> = {
  ...flagsOf("EVALUATE_OPTIONS", EVALUATE_OPTIONS, WITHOUT),
  ...flagsOf("CREATE_OPTIONS", CREATE_OPTIONS),
};

export const EVALUATE_FLAGS = {
  model: { value: "FILE", help: "checkpoint from lstm-wasm train" },
  text: {
    value: "FILE",
    many: true,
    help: "text; a folder for all texts in it and below, - for standard input; may be repeated",
  },
  ...FILE_FLAGS,
  encoding: {
    value: "LABEL",
    help: "encoding of the file: utf-8, utf-16le, windows-1252, … (default UTF-8, or UTF-16 if the bytes show it)",
  },
  lowercase: { help: "lower-case the text first; models that were trained with --lowercase do so themselves" },
  "skip-unknown": { help: "omit characters or words that the model does not know, which are otherwise an error" },
  vocabulary: { value: "FILE", help: "JSON array of characters, for a model without a vocabulary (from PyTorch)" },
  ...EXECUTION,
  "per-token": { help: 'print a JSON line for each predicted token of a text: {"token", "surprisal"}, in bits' },
  json: {
    help: 'print one JSON object: {"tokens", "loss", "perplexity", "bitsPerCharacter", "accuracy", "unknown", "known", "skipped"}; of sequences {"sequences", "loss", "accuracy", "confusion", "classes"}',
  },
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm evaluate --model FILE --text FILE|--ts FILE|--csv FILE [options]

Measures how well a model predicts each next character or word of a text, read as
one sequence from the beginning: the mean loss, the perplexity and the fraction of
correct predictions. Of a classifier's sequences: the accuracy, and how often each
class was taken for each other. Use data that the model was not trained on.

options:
${describeFlags(EVALUATE_FLAGS)}
`;

/** `lstm-wasm evaluate`. */
export async function evaluateCommand(args: string[]): Promise<number> {
  const flags = parseFlags(EVALUATE_FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const path = required("model", flags.model);
  if (flags.ts !== undefined || flags.csv !== undefined) return evaluateSequences(path, flags);
  if (flags.text === undefined) throw new UsageError("--text, --ts or --csv is required");
  checkEncoding(flags.encoding);
  const given = await readTexts(flags.text, { encoding: flags.encoding });
  const model = await loadModel(path, optionsFrom(CREATE_OPTIONS, flags).backend, flags.vocabulary);
  const cased = flags.lowercase ? given.text.toLowerCase() : given.text;
  const { vocabulary } = model;
  const { text, skipped, notice } = flags["skip-unknown"] ? skipUnknownTokens(vocabulary, cased) : { text: cased };
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
  const encoded = encodeKnown(vocabulary, text, "--skip-unknown leaves them out of the text");
  if (flags["per-token"]) {
    const found = await surprisals(model, encoded);
    const first = encoded.length - found.length;
    for (const [i, surprisal] of found.entries())
      process.stdout.write(`${toJson({ token: vocabulary.decode([encoded[first + i]!]), surprisal })}\n`);
    return 0;
  }
  const evaluation = await evaluate(model, encoded, optionsFrom(EVALUATE_OPTIONS, flags, WITHOUT));
  if (flags.json) {
    const { predictions: tokens, ...figures } = evaluation;
    process.stdout.write(`${toJson({ tokens, ...figures, skipped })}\n`);
  } else {
    const { predictions, loss, perplexity = 0, bitsPerCharacter, accuracy = 0, unknown, known } = evaluation;
    const unit = bitsPerCharacter === undefined ? "word" : "character";
    const lines = [
      `Predictions:          ${count(predictions)}`,
      `Loss:                 ${loss.toFixed(4)} nats per ${unit}`,
      ...(bitsPerCharacter === undefined ? [] : [`Bits per character:   ${bitsPerCharacter.toFixed(4)}`]),
      `Perplexity:           ${perplexity.toFixed(4)}`,
      `Arg-max accuracy:     ${percent(accuracy)}`,
      ...(unknown === undefined ? [] : [`Unknown words:        ${percent(unknown)}, counted above as <unk>`]),
      ...(known
        ? [`Known words alone:    perplexity ${known.perplexity.toFixed(4)}, accuracy ${percent(known.accuracy)}`]
        : []),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return 0;
}

/** Evaluates a classifier on the sequences of a file. */
async function evaluateSequences(path: string, flags: Values<typeof EVALUATE_FLAGS> & FileFlags): Promise<number> {
  for (const name of ["text", "lowercase", "skip-unknown", "vocabulary", "per-token"] as const)
    if (flags[name] !== undefined) throw new UsageError(`--${name} cannot be combined with --ts or --csv`);
  const model = await loadModel(path, optionsFrom(CREATE_OPTIONS, flags).backend);
  getClassifier(model);
  const data = await readSequencesFor(model, flags);
  process.stderr.write(`${describeSequences(data)}\n`);
  const {
    predictions: sequences,
    perplexity: _,
    ...figures
  } = await evaluateClassifier(model, data, optionsFrom(EVALUATE_OPTIONS, flags, WITHOUT));
  if (flags.json) process.stdout.write(`${toJson({ sequences, ...figures })}\n`);
  else {
    const lines = [
      `Sequences:  ${count(sequences)}`,
      `Loss:       ${figures.loss.toFixed(4)} nats per sequence`,
      `Accuracy:   ${percent(figures.accuracy ?? 0)}`,
      ...describeConfusion(model.config.classes, figures.confusion),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return 0;
}
