import { MODEL_OPTIONS, recipes, TRAIN_OPTIONS, type TrainOptions } from "lstm-wasm";
import { type Missing, SERIES_OPTIONS, type SeriesModelOptions, type SeriesOptions } from "lstm-wasm/forecast";
import { AIRLINE } from "../../common/airline.js";
import type { Content, RunInfo, SeriesRunConfig } from "../../common/protocol.js";
import { type FieldSpec, type Fields, fieldsOf, fill, read, type Values } from "../options/fields.js";
import { CREATE_FIELDS, EXECUTION_FIELDS, HARDWARE_FIELDS } from "../options/run-fields.js";

const RECIPE = recipes.series;

/** What the series settles, or has no use for; columns and target are chosen from the table. */
const NO_SERIES_FIELD = ["columns", "target"];
const NO_MODEL_FIELD = [
  "inputSize",
  "outputSize",
  "embeddingSize",
  "quantiles",
  "classes",
  "returnSequences",
  "window",
];
const NO_TRAIN_FIELD = ["sequenceLength"];

const window: FieldSpec = { ...SERIES_OPTIONS.window, default: RECIPE.model.window };
const loss: FieldSpec = { ...MODEL_OPTIONS.loss, choices: ["mse", "huber"], default: "mse" };
const season: FieldSpec = { type: "integer", min: 1, placeholder: "none" };

/** The fields of a run on a series, by table. */
export const SERIES_FIELDS = fieldsOf("SERIES_OPTIONS", { ...SERIES_OPTIONS, window }, NO_SERIES_FIELD);
export const SEASON_FIELD = fieldsOf("page", { season });
export const MODEL_FIELDS = fieldsOf("MODEL_OPTIONS", { ...MODEL_OPTIONS, loss }, NO_MODEL_FIELD);
export const TRAIN_FIELDS = fieldsOf("TRAIN_OPTIONS", TRAIN_OPTIONS, NO_TRAIN_FIELD);
export const FIELDS: Fields = {
  ...SERIES_FIELDS,
  ...SEASON_FIELD,
  ...MODEL_FIELDS,
  ...TRAIN_FIELDS,
  ...HARDWARE_FIELDS,
};

/** What the user chose for a run on a series. */
export interface SeriesForm {
  readonly data: "airline" | "own";
  readonly own: Content;
  readonly columns: readonly string[];
  readonly target: string;
  /** What to do about empty cells and missing dates. */
  readonly missing: Missing;
  /** What the fields hold. */
  readonly values: Values;
}

/** The form for the example of the documentation. What it runs on stays as it is. */
export const exampleForm = ({ own, values }: Pick<SeriesForm, "own" | "values">): SeriesForm => ({
  data: "airline",
  own,
  columns: ["passengers"],
  target: "passengers",
  missing: "error",
  values: {
    ...values,
    ...fill(SERIES_FIELDS, { logarithm: true, difference: true, testFraction: 0.33 }),
    ...fill(SEASON_FIELD, { season: 12 }),
    ...fill(MODEL_FIELDS, RECIPE.model),
    ...fill(TRAIN_FIELDS, RECIPE.training),
  },
});

/** The form when the page opens. */
export const INITIAL_FORM: SeriesForm = exampleForm({ own: { text: "" }, values: fill(HARDWARE_FIELDS, {}) });

/** The form for a table of the user's, which need not have the example's seasons, nor logarithms. */
export const ownForm = (form: SeriesForm): SeriesForm => ({
  ...form,
  data: "own",
  values: { ...form.values, logarithm: false, ...fill(SEASON_FIELD, {}) },
});

/** The form with another target, which is predicted from itself in place of the one before. */
export const withTarget = (form: SeriesForm, target: string): SeriesForm => ({
  ...form,
  target,
  columns: [target, ...form.columns.filter((name) => name !== form.target && name !== target)],
});

/** The training data. */
export const contentOf = ({ data, own }: SeriesForm): Content => (data === "airline" ? AIRLINE : own);

/**
 * The run that the form describes.
 *
 * @throws OptionError for a field that cannot be
 */
export function configOf(form: SeriesForm): SeriesRunConfig {
  const { columns, target, missing, values } = form;
  const options = (fields: Fields) => read(FIELDS, values, ({ option }) => option in fields);
  return {
    kind: "series",
    content: contentOf(form),
    series: { ...options(SERIES_FIELDS), columns, target } as SeriesOptions,
    missing,
    ...(options(SEASON_FIELD) as { season?: number }),
    model: options({ ...MODEL_FIELDS, ...CREATE_FIELDS }) as SeriesModelOptions,
    training: options({ ...TRAIN_FIELDS, ...EXECUTION_FIELDS }) as TrainOptions,
  };
}

/** The form of a run that was opened. */
export function formOf(form: SeriesForm, { content, model, training, series }: RunInfo): SeriesForm {
  if (!series) return form;
  const isExample = content.file === AIRLINE.file;
  return {
    data: isExample ? "airline" : "own",
    own: isExample ? form.own : content,
    columns: series.options.columns,
    target: series.options.target,
    missing: series.missing,
    values: {
      ...form.values,
      ...fill(SERIES_FIELDS, series.options),
      ...fill(SEASON_FIELD, series),
      ...fill(MODEL_FIELDS, model),
      ...(training ? fill(TRAIN_FIELDS, training) : {}),
    },
  };
}
