import { load } from "../checkpoint/checkpoint.js";
import { resolveTraining, type TrainConfig, type TrainOptions } from "../config.js";
import { characters } from "../data/vocabulary.js";
import type { GenerateOptions } from "../generate.js";
import { createModel, type Model } from "../model.js";
import { type Preset, presets } from "../presets/presets.js";
import { leftRun } from "../train.js";
import { readBytes, readText } from "./files.js";
import { modelOptions, refuseAnotherModel, type TrainFlags, trainOptions } from "./train-flags.js";
import { UsageError } from "./usage.js";

/** A training run that is about to begin or to go on. */
export interface Run {
  readonly model: Model;
  readonly text: string;
  readonly options: TrainOptions;
  readonly config: TrainConfig;
  /** What the trained model is asked to write. */
  readonly passage: GenerateOptions;
}

/** Where a run's text comes from. It is kept in the checkpoint, so that --resume alone finds the text again. */
interface Source {
  readonly preset?: string;
  readonly text?: string;
  readonly lowercase?: boolean;
}

/** The key of the source among the model's texts. */
const SOURCE = "source";

/**
 * The run that the flags ask for: a new one, or with --resume the one in a checkpoint.
 *
 * @throws UsageError, OptionError, InputError, FormatError for what cannot be
 */
export function planRun(flags: TrainFlags): Promise<Run> {
  return flags.resume === undefined ? newRun(flags) : resumedRun(flags, flags.resume);
}

async function newRun(flags: TrainFlags): Promise<Run> {
  const source: Source = {
    ...(flags.text === undefined ? { preset: flags.preset ?? "hamlet" } : { text: flags.text }),
    ...(flags.lowercase ? { lowercase: true } : {}),
  };
  const preset =
    flags.preset === undefined && flags.text !== undefined ? undefined : presetOf(flags.preset ?? "hamlet");
  const text = await readSource(source);
  const options: TrainOptions = { ...(preset?.training ?? { clipNorm: 5 }), ...trainOptions(flags) };
  const config = resolveTraining(options);
  const vocabulary = characters(text);
  const model = await createModel({ ...preset?.model, ...modelOptions(flags), vocabulary });
  model.metadata.set(SOURCE, JSON.stringify(source));
  return { model, text, options, config, passage: passageOf(source, text) };
}

async function resumedRun(flags: TrainFlags, path: string): Promise<Run> {
  if (flags.preset !== undefined)
    throw new UsageError("--preset cannot go with --resume: the checkpoint has its own options");
  const { backend } = modelOptions(flags);
  const model = await load(await readBytes(path), backend === undefined ? {} : { backend });
  refuseAnotherModel(flags, model.config);
  const stored = storedSource(model);
  const source: Source = flags.text === undefined ? stored : { ...stored, text: flags.text };
  if (source.text === undefined && source.preset === undefined)
    throw new UsageError(`${path} does not say what text it was trained on: give it with --text FILE`);
  const text = await readSource(source);
  const options: TrainOptions = { ...trainOptions(flags), resume: true };
  const config = resolveTraining(trainOptions(flags), leftRun(model).config);
  model.metadata.set(SOURCE, JSON.stringify(source));
  return { model, text, options, config, passage: passageOf(source, text) };
}

/** What a checkpoint says of its text; nothing where that cannot be understood. */
function storedSource(model: Model): Source {
  try {
    const { preset, text, lowercase } = JSON.parse(model.metadata.get(SOURCE) ?? "{}") as Record<string, unknown>;
    return {
      ...(typeof preset === "string" ? { preset } : {}),
      ...(typeof text === "string" ? { text } : {}),
      ...(lowercase === true ? { lowercase } : {}),
    };
  } catch {
    return {};
  }
}

async function readSource({ preset, text, lowercase }: Source): Promise<string> {
  const given = text === undefined ? presetOf(preset!).text : await readText(text);
  return lowercase ? given.toLowerCase() : given;
}

function presetOf(name: string): Preset {
  if (Object.hasOwn(presets, name)) return presets[name as keyof typeof presets];
  throw new UsageError(`--preset: expected one of ${Object.keys(presets).join(", ")}, got ${JSON.stringify(name)}`);
}

/** A preset's own passage, or one that goes on from the text's beginning. */
function passageOf({ preset, text: path }: Source, text: string): GenerateOptions {
  if (path === undefined) return presetOf(preset!).passage;
  const prompt = [...text.slice(0, 64)].slice(0, 16).join("");
  return { prompt, length: 400, temperature: 0.8 };
}
