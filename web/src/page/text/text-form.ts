import { MODEL_OPTIONS, type ModelOptions, TRAIN_OPTIONS, type TrainOptions } from "lstm-wasm";
import { presets, type Recipe, recipes } from "lstm-wasm/presets";
import { WORD_OPTIONS, type WordOptions } from "lstm-wasm/words";
import { BOOK_FILE, HELD_OUT } from "../../book/book.js";
import { lengthOf } from "../../common/content.js";
import type { GivenContent, RunInfo, TextRunConfig } from "../../common/protocol.js";
import { type FieldSpec, type Fields, fieldsOf, fill, read, type Values, withValue } from "../options/fields.js";
import { CREATE_FIELDS, EXECUTION_FIELDS, HARDWARE_FIELDS } from "../options/run-fields.js";

/** Texts to choose from. */
export const TEXTS = {
  hamlet: "Hamlet",
  romeo: "Romeo and Juliet",
  "next-word": "Ten sentences",
  own: "Your own",
} as const;
export type TextName = keyof typeof TEXTS;

/** What happens when a text is trained on. */
export const PROMISES: Readonly<Record<TextName, string>> = {
  hamlet: "Press Train: in a second, a network learns “To be, or not to be” by heart, letter by letter.",
  romeo: "Press Train: in a minute, a network learns to write a little like Romeo and Juliet, letter by letter.",
  "next-word": "Press Train: in a second, a network learns ten sentences, word by word.",
  own: "Press Train, and a network learns your text, letter by letter or word by word.",
};

export type RecipeName = "default" | "small" | "large";

/** Settings to start from. The presets' own take about a second; a text of the user's may be of any length. */
export const recipesFor = (text: TextName): Readonly<Record<RecipeName, string>> => ({
  default: text === "own" ? "Recommended" : text === "romeo" ? "Recommended (a minute)" : "Recommended (1 s)",
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

/** As the model that comes with the book was trained. */
const BOOK: Recipe = {
  model: { hiddenSize: 128 },
  training: {
    ...recipes.text.training,
    epochs: 25,
    batchSize: 16,
    sequenceLength: 64,
    learningRate: 0.005,
    schedule: "cosine",
    validationFraction: HELD_OUT,
  },
};

/** Characters to read in all: less of a short text is noise, more of a long one takes long. */
const BUDGET = 2_000_000;
const MOST_EPOCHS = 1000;

/** Epochs of the recommended recipe for a text of the user's: the shorter, the more. */
export const epochsFor = (content: GivenContent): number => {
  const wanted = Math.round(BUDGET / Math.max(1, lengthOf(content)));
  return Math.max(TRAIN_OPTIONS.epochs.default as number, Math.min(MOST_EPOCHS, wanted));
};

function recipeOf(text: TextName, recipe: RecipeName, own: GivenContent): Recipe {
  if (recipe !== "default") return recipe === "small" ? SMALL : LARGE;
  const { model, training } = recipes.text;
  return text === "own"
    ? { model, training: { ...training, epochs: epochsFor(own) } }
    : text === "romeo"
      ? BOOK
      : presets[text];
}

/** As the command line splits a text of the user's. */
const OWN_WORDS: WordOptions = { lowercase: false };

const wordsOf = (text: TextName): WordOptions | undefined =>
  text === "own" || text === "romeo" ? undefined : presets[text].words;

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
  readonly own: GivenContent;
  /** The book, once it is fetched. */
  readonly book?: GivenContent | undefined;
  readonly recipe: RecipeName;
  /** What the fields hold. */
  readonly values: Values;
}

/** The form for a text and a recipe. What it runs on stays as it is. */
export function fillForm(
  { own, book, values }: Pick<TextForm, "own" | "book" | "values">,
  text: TextName,
  recipe: RecipeName,
): TextForm {
  const { model, training } = recipeOf(text, recipe, own);
  const words = wordsOf(text);
  return {
    text,
    own,
    book,
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

/** The form with another text of the user's, and as many epochs as suit it, unless the user chose a number. */
export function withOwn(form: TextForm, own: GivenContent): TextForm {
  const isRecommended = form.recipe === "default" && form.values["epochs"] === String(epochsFor(form.own));
  const changed = { ...form, own };
  return isRecommended ? withValue(changed, "epochs", String(epochsFor(own))) : changed;
}

/** The training data. */
export function contentOf({ text, own, book }: TextForm): GivenContent {
  if (text === "romeo") return book ?? { text: "" };
  return text === "own" ? own : { text: presets[text].text, preset: text };
}

/**
 * The run that the form describes.
 *
 * @throws OptionError for a field that cannot be
 */
export function configOf(form: TextForm): TextRunConfig<GivenContent> {
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
  const listed =
    content.file === BOOK_FILE ? "romeo" : preset === "hamlet" || preset === "next-word" ? preset : undefined;
  return {
    ...form,
    text: listed ?? "own",
    own: listed ? form.own : content,
    ...(listed === "romeo" ? { book: content } : {}),
    values: {
      ...form.values,
      level,
      ...fill(WORD_FIELDS, words ?? OWN_WORDS),
      ...fill(MODEL_FIELDS, model),
      ...(training ? fill(TRAIN_FIELDS, training) : {}),
    },
  };
}
