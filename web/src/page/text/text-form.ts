import {
  MODEL_OPTIONS,
  type ModelOptions,
  presets,
  type Recipe,
  recipes,
  TRAIN_OPTIONS,
  type TrainOptions,
  WORD_OPTIONS,
  type WordOptions,
} from "lstm-wasm";
import type { Content, RunInfo, TextRunConfig } from "../../common/protocol.js";
import { type FieldSpec, type Fields, fieldsOf, fill, read, type Values } from "../options/fields.js";
import { CREATE_FIELDS, EXECUTION_FIELDS, HARDWARE_FIELDS } from "../options/run-fields.js";

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

const SMALL: Recipe = {
  model: { hiddenSize: 64 },
  training: { ...recipes.text.training, epochs: 200, batchSize: 16, sequenceLength: 32, learningRate: 0.01 },
};
/** Larger batches would make too few updates of a short text; so two threads take four sequences each. */
const LARGE: Recipe = {
  model: { hiddenSize: 256, layers: 2 },
  training: { ...recipes.text.training, epochs: 100, batchSize: 8, gradientShards: 2 },
};

const recipeOf = (text: TextName, recipe: RecipeName): Recipe =>
  recipe === "small" ? SMALL : recipe === "large" ? LARGE : text === "own" ? recipes.text : presets[text];

/** As the command line splits a text of the user's. */
const OWN_WORDS: WordOptions = { lowercase: false };

const wordsOf = (text: TextName): WordOptions | undefined => (text === "own" ? undefined : presets[text].words);

/** What the text settles, or a text has no use for. */
const NO_MODEL_FIELD = ["inputSize", "outputSize", "classes", "loss", "huberDelta", "quantiles", "returnSequences"];
const NO_TRAIN_FIELD = ["shuffle", "stratify"];

const LEVEL: FieldSpec = { type: "choice", choices: ["char", "word"], default: "char" };
const onlyForWords = Object.fromEntries(
  Object.entries(WORD_OPTIONS).map(([option, spec]) => [
    option,
    { ...spec, requires: { level: ["word"], ...spec.requires } } as FieldSpec,
  ]),
);
/** A window is a sequence's length. */
const sequenceLength: FieldSpec = { ...TRAIN_OPTIONS.sequenceLength, requires: { window: [0] } };

/** The fields of a run on a text, by table. */
export const LEVEL_FIELD = fieldsOf("page", { level: LEVEL });
export const WORD_FIELDS = fieldsOf("WORD_OPTIONS", onlyForWords);
export const MODEL_FIELDS = fieldsOf("MODEL_OPTIONS", MODEL_OPTIONS, NO_MODEL_FIELD);
export const TRAIN_FIELDS = fieldsOf("TRAIN_OPTIONS", { ...TRAIN_OPTIONS, sequenceLength }, NO_TRAIN_FIELD);
export const FIELDS: Fields = { ...LEVEL_FIELD, ...MODEL_FIELDS, ...WORD_FIELDS, ...TRAIN_FIELDS, ...HARDWARE_FIELDS };

/** What the user chose for a run on a text. */
export interface TextForm {
  readonly text: TextName;
  /** The user's own text, selected or not. */
  readonly own: Content;
  readonly recipe: RecipeName;
  /** What the fields hold. */
  readonly values: Values;
}

/** The form for a text and a recipe. What it runs on stays as it is. */
export function fillForm(
  { own, values }: Pick<TextForm, "own" | "values">,
  text: TextName,
  recipe: RecipeName,
): TextForm {
  const { model, training } = recipeOf(text, recipe);
  const words = wordsOf(text);
  return {
    text,
    own,
    recipe,
    values: {
      ...values,
      ...fill(LEVEL_FIELD, { level: words ? "word" : "char" }),
      ...fill(WORD_FIELDS, words ?? OWN_WORDS),
      ...fill(MODEL_FIELDS, model),
      ...fill(TRAIN_FIELDS, training),
    },
  };
}

/** The form when the page opens. */
export const INITIAL_FORM: TextForm = fillForm(
  { own: { text: "" }, values: fill(HARDWARE_FIELDS, {}) },
  "hamlet",
  "default",
);

/** The training data. */
export function contentOf({ text, own }: TextForm): Content {
  return text === "own" ? own : { text: presets[text].text, preset: text };
}

/**
 * The run that the form describes.
 *
 * @throws OptionError for a field that cannot be
 */
export function configOf(form: TextForm): TextRunConfig {
  const { values } = form;
  const options = (fields: Fields) => read(FIELDS, values, ({ option }) => option in fields);
  return {
    kind: "text",
    content: contentOf(form),
    ...(values["level"] === "word" ? { words: options(WORD_FIELDS) as WordOptions } : {}),
    model: options({ ...MODEL_FIELDS, ...CREATE_FIELDS }) as ModelOptions,
    training: options({ ...TRAIN_FIELDS, ...EXECUTION_FIELDS }) as TrainOptions,
  };
}

/** The form of a run that was opened. */
export function formOf(form: TextForm, { content, level, words, model, training }: RunInfo): TextForm {
  const { preset } = content;
  const isListed = preset === "hamlet" || preset === "next-word";
  return {
    ...form,
    text: isListed ? preset : "own",
    own: isListed ? form.own : content,
    values: {
      ...form.values,
      level,
      ...fill(WORD_FIELDS, words ?? OWN_WORDS),
      ...fill(MODEL_FIELDS, model),
      ...fill(TRAIN_FIELDS, training),
    },
  };
}
