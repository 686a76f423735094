import { toJson } from "../common/show.js";
import { evaluate } from "../inference/evaluate.js";
import { CREATE_OPTIONS } from "../model/options.js";
import { loadModel, readText } from "./files.js";
import { describeFlags, type Flag, flagsOf, optionsFrom, parseFlags, required } from "./flags.js";
import { count, percent } from "./terminal.js";

const BACKEND: Record<string, Flag> = flagsOf("CREATE_OPTIONS", CREATE_OPTIONS);

const FLAGS = {
  model: { value: "FILE", help: "checkpoint from lstm-wasm train" },
  text: { value: "FILE", help: "UTF-8 text" },
  lowercase: { help: "lower-case the text first" },
  vocabulary: { value: "FILE", help: "JSON array of characters, for a model without a vocabulary (from PyTorch)" },
  ...BACKEND,
  json: {
    help: 'print one JSON object: {"tokens", "loss", "perplexity", "bitsPerCharacter", "accuracy", "unknown", "known"}',
  },
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm evaluate --model FILE --text FILE [options]

Measures how well a model predicts each next token of a text, which it reads as
one sequence.

options:
${describeFlags(FLAGS)}
`;

/** `lstm-wasm evaluate`. */
export async function evaluateCommand(args: string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const path = required("model", flags.model);
  const given = await readText(required("text", flags.text));
  const model = await loadModel(path, optionsFrom(CREATE_OPTIONS, flags).backend, flags.vocabulary);
  const evaluation = await evaluate(model, flags.lowercase ? given.toLowerCase() : given);
  if (flags.json) {
    const { predictions: tokens, ...figures } = evaluation;
    process.stdout.write(`${toJson({ tokens, ...figures })}\n`);
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
