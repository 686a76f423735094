import { type Backend, type ModelOptions, type OptimizerName, presets, type TrainOptions } from "lstm-wasm";
import type { Content, RunInfo, TextRunConfig } from "../../common/protocol.js";
import { parseNumber } from "../elements/parse-number.js";

/** Texts to choose from. */
export const TEXTS = { hamlet: "Hamlet", "next-word": "Ten sentences", own: "Your own" } as const;
export type TextName = keyof typeof TEXTS;

export type RecipeName = "default" | "small" | "large";

/** Settings to start from. The presets' own take about a second; a text of the user's may be of any length. */
export const recipesFor = (text: TextName): Readonly<Record<RecipeName, string>> => ({
  default: text === "own" ? "Recommended" : "Recommended (1 s)",
  small: "Small and fast",
  large: "Large and slow",
});

/** The fields of a run on a text. */
export interface TextForm {
  readonly text: TextName;
  /** The user's own text, selected or not. */
  readonly own: Content;
  readonly recipe: RecipeName;
  readonly level: "char" | "word";
  readonly hiddenSize: string;
  readonly layers: string;
  readonly sequenceLength: string;
  readonly batchSize: string;
  readonly epochs: string;
  readonly learningRate: string;
  readonly optimizer: OptimizerName;
  readonly clip: "none" | "value" | "norm";
  readonly clipAt: string;
  readonly validationFraction: string;
  readonly seed: string;
  readonly backend: Backend | "auto";
  /** Empty for as many as are useful. */
  readonly threads: string;
}

interface Recipe {
  readonly model: ModelOptions;
  readonly training: TrainOptions;
}

const SMALL: Recipe = {
  model: { hiddenSize: 64 },
  training: { epochs: 200, batchSize: 4, sequenceLength: 32, learningRate: 0.01, clipNorm: 5 },
};
const LARGE: Recipe = {
  model: { hiddenSize: 256, layers: 2 },
  training: { epochs: 100, batchSize: 8, sequenceLength: 50, learningRate: 0.002, clipNorm: 5 },
};
/** The command line's defaults for a text without a preset. */
const COMMAND_LINE: Recipe = { model: {}, training: { epochs: 10, clipNorm: 5 } };

function recipeOf(text: TextName, recipe: RecipeName): Recipe {
  if (recipe === "small") return SMALL;
  if (recipe === "large") return LARGE;
  return text === "own" ? COMMAND_LINE : presets[text];
}

/** The fields for a text and a recipe. Whatever these leave open stays as it is. */
export function fillForm(
  form: Pick<TextForm, "own" | "backend" | "threads">,
  text: TextName,
  recipe: RecipeName,
): TextForm {
  const { model, training } = recipeOf(text, recipe);
  const { clipValue, clipNorm } = training;
  return {
    ...form,
    text,
    recipe,
    level: text === "next-word" ? "word" : "char",
    hiddenSize: String(model.hiddenSize ?? 128),
    layers: String(model.layers ?? 1),
    sequenceLength: String(training.sequenceLength ?? 50),
    batchSize: String(training.batchSize ?? 32),
    epochs: String(training.epochs ?? 10),
    learningRate: String(training.learningRate ?? 0.002),
    optimizer: training.optimizer ?? "adam",
    clip: clipValue === undefined ? (clipNorm === undefined ? "none" : "norm") : "value",
    clipAt: String(clipValue ?? clipNorm ?? 5),
    validationFraction: "0",
    seed: "1",
  };
}

/** The fields when the page opens. */
export const INITIAL_FORM: TextForm = fillForm(
  { own: { text: "" }, backend: "auto", threads: "" },
  "hamlet",
  "default",
);

/** The training data. */
export function contentOf({ text, own }: TextForm): Content {
  return text === "own" ? own : { text: presets[text].text, preset: text };
}

/** The run that the fields describe: the recipe's options, overridden by those that have a field. */
export function configOf(form: TextForm): TextRunConfig {
  const { model, training } = recipeOf(form.text, form.recipe);
  const { clipValue: _, clipNorm: __, ...others } = training;
  const clip =
    form.clip === "none" ? {} : { [form.clip === "value" ? "clipValue" : "clipNorm"]: parseNumber(form.clipAt) };
  const splitting = form.text === "next-word" ? presets["next-word"].words : { lowercase: false };
  return {
    kind: "text",
    content: contentOf(form),
    ...(form.level === "word" ? { words: splitting } : {}),
    model: {
      ...model,
      hiddenSize: parseNumber(form.hiddenSize),
      layers: parseNumber(form.layers),
      seed: parseNumber(form.seed),
      backend: form.backend,
    },
    training: {
      ...others,
      ...clip,
      epochs: parseNumber(form.epochs),
      batchSize: parseNumber(form.batchSize),
      sequenceLength: parseNumber(form.sequenceLength),
      learningRate: parseNumber(form.learningRate),
      optimizer: form.optimizer,
      validationFraction: parseNumber(form.validationFraction),
      ...(form.threads.trim() === "" ? {} : { threads: parseNumber(form.threads) }),
    },
  };
}

/** The fields of a run that was opened. */
export function formOf(form: TextForm, { content, level, model, training }: RunInfo): TextForm {
  const { preset } = content;
  const isListed = preset === "hamlet" || preset === "next-word";
  const { clipValue, clipNorm } = training;
  return {
    ...form,
    text: isListed ? preset : "own",
    own: isListed ? form.own : content,
    level,
    hiddenSize: String(model.hiddenSize),
    layers: String(model.layers),
    seed: String(model.seed),
    sequenceLength: String(training.sequenceLength),
    batchSize: String(training.batchSize),
    epochs: String(training.epochs),
    learningRate: String(training.learningRate),
    optimizer: training.optimizer as OptimizerName,
    clip: clipValue === undefined ? (clipNorm === undefined ? "none" : "norm") : "value",
    clipAt: String(clipValue ?? clipNorm ?? form.clipAt),
    validationFraction: String(training.validationFraction),
  };
}
