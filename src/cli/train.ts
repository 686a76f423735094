import { type ModelOptions, resolveTraining, type TrainOptions } from "../config.js";
import { characters } from "../data/vocabulary.js";
import { predict } from "../evaluate.js";
import { type GenerateOptions, generate } from "../generate.js";
import { INITIALIZATIONS, type Initialization } from "../initialize.js";
import { BACKENDS, type Backend } from "../kernels/kernels.js";
import { createModel, type Model } from "../model.js";
import { OPTIMIZERS, type OptimizerName } from "../optimizer.js";
import { type Preset, presets } from "../presets/presets.js";
import { train } from "../train.js";
import { readText } from "./files.js";
import { humanOutput, jsonOutput, type Run } from "./output.js";
import { count, Progress } from "./terminal.js";
import { describeFlags, parseFlags, UsageError, type Values } from "./usage.js";

const FLAGS = {
  preset: {
    value: "NAME",
    help: `a ready-made run: ${Object.keys(presets).join(", ")} (default without --text: hamlet)`,
  },
  text: { value: "FILE", help: "a UTF-8 text to train on" },
  lowercase: { help: "lower-case the text first" },
  "hidden-size": { value: "N", number: true, help: "hidden units of every layer (default 128)" },
  layers: { value: "N", number: true, help: "LSTM layers (default 1)" },
  initialization: { value: "NAME", help: `${INITIALIZATIONS.join(", ")} (default pytorch-uniform)` },
  "forget-bias": { value: "X", number: true, help: "what the forget gates' biases start from" },
  "sequence-length": { value: "N", number: true, help: "time steps per update, 0 for the whole text (default 50)" },
  "batch-size": { value: "N", number: true, help: "streams that the text is read in, side by side (default 32)" },
  epochs: { value: "N", number: true, help: "passes over the text (default 10)" },
  optimizer: { value: "NAME", help: `${OPTIMIZERS.join(", ")} (default adam)` },
  "learning-rate": { value: "X", number: true, help: "default 0.002" },
  "clip-value": { value: "X", number: true, help: "clip every gradient to ±X (default: not)" },
  "clip-norm": { value: "X", number: true, help: "scale all gradients down to this norm (default 5; presets: not)" },
  seed: { value: "N", number: true, help: "seeds all randomness (default 1)" },
  backend: { value: "NAME", help: `auto, ${BACKENDS.join(", ")} (default auto: the fastest here)` },
  quiet: { help: "no progress on stderr" },
  json: { help: "one JSON object per line on stdout" },
  help: { help: "this text" },
} as const;

const HELP = `usage: lstm-wasm train [options]

Trains a model on a text, by characters, and shows what it has learned. Without
options it learns Hamlet's soliloquy by heart. A preset's own values take the
place of the defaults below; options take the place of both.

options:
${describeFlags(FLAGS)}

Ctrl-C stops after the current step and reports; a second one ends at once.
Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

/** `lstm-wasm train`. */
export async function trainCommand(args: string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { text, model: modelOptions, training, passage } = await planRun(flags);
  const config = resolveTraining(training);
  const model = await createModel({ ...modelOptions, vocabulary: characters(text) });
  const run: Run = { model, text, config };
  const output = flags.json ? jsonOutput : humanOutput;
  const progress = flags.quiet ? undefined : new Progress(config.epochs);
  output.start(run);
  progress?.start(describe(run));

  const interruption = new AbortController();
  const { signal } = interruption;
  const interrupt = () => interruption.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    for await (const report of train(model, text, { ...training, signal, progressInterval: 100 })) {
      run.report = report;
      output.report(report);
      progress?.show(report);
    }
    const prediction = await predict(model, text, { batchSize: config.batchSize, seed: model.config.seed, signal });
    run.learned = { ...prediction, passage: await write(model, { ...passage, signal }) };
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    progress?.clear();
  }
  output.end(run);
  model.free();
  return run.learned ? 0 : 130;
}

/** What is about to happen, in a sentence. */
function describe({ model, text, config }: Run): string {
  const { vocabulary, backend, parameterCount } = model;
  const { hiddenSize, layers } = model.config;
  return (
    `Training ${layers === 1 ? "an LSTM layer" : `${layers} LSTM layers`} of ${hiddenSize} units, ` +
    `${count(parameterCount)} parameters, on ${count(vocabulary.encode(text).length)} characters ` +
    `(${vocabulary.size} distinct), ${count(config.epochs)} epochs, ${backend} kernels`
  );
}

/** What the flags ask for: a preset's values, or the defaults, with the flags' own in their place. */
async function planRun(flags: Values<typeof FLAGS>): Promise<Preset> {
  const name = flags.preset ?? (flags.text === undefined ? "hamlet" : undefined);
  if (name !== undefined && !Object.hasOwn(presets, name))
    throw new UsageError(`--preset: expected one of ${Object.keys(presets).join(", ")}, got ${JSON.stringify(name)}`);
  const preset: Preset | undefined = name === undefined ? undefined : presets[name as keyof typeof presets];
  const given = flags.text === undefined ? preset!.text : await readText(flags.text);
  const text = flags.lowercase ? given.toLowerCase() : given;
  const model = defined<ModelOptions>({
    hiddenSize: flags["hidden-size"],
    layers: flags.layers,
    initialization: flags.initialization as Initialization | undefined,
    forgetBias: flags["forget-bias"],
    seed: flags.seed,
    backend: flags.backend as Backend | "auto" | undefined,
  });
  const training = defined<TrainOptions>({
    sequenceLength: flags["sequence-length"],
    batchSize: flags["batch-size"],
    epochs: flags.epochs,
    optimizer: flags.optimizer as OptimizerName | undefined,
    learningRate: flags["learning-rate"],
    clipValue: flags["clip-value"],
    clipNorm: flags["clip-norm"],
  });
  return {
    text,
    model: { ...preset?.model, ...model },
    training: { ...(preset?.training ?? { clipNorm: 5 }), ...training },
    passage: preset && flags.text === undefined ? preset.passage : passageAfter(text),
  };
}

/** A passage that goes on from the text's own beginning. */
function passageAfter(text: string): GenerateOptions {
  const prompt = [...text.slice(0, 64)].slice(0, 16).join("");
  return { prompt, length: 400, temperature: 0.8 };
}

/** The prompt and what the model makes of it. */
async function write(model: Model, options: GenerateOptions): Promise<string> {
  let passage = options.prompt;
  for await (const piece of generate(model, options)) passage += piece;
  return passage;
}

/** The options that are not undefined. */
function defined<Options>(options: { [Name in keyof Options]: Options[Name] | undefined }): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Options>;
}
