import { MODEL_OPTIONS, OptionError, TRAIN_OPTIONS, type TrainOptions } from "lstm-wasm";
import {
  type FitOptions,
  FORECASTER_OPTIONS,
  FORECASTER_RECIPE,
  type Missing,
  type NetworkOptions,
  TABLE_OPTIONS,
} from "lstm-wasm/forecast";
import { AIRLINE } from "../../common/airline.js";
import type { GivenContent, RunInfo, SeriesRunConfig } from "../../common/protocol.js";
import type { TableChoice, TableReading, TableReport } from "../../common/series.js";
import { type FieldSpec, type Fields, fieldsOf, fill, read, type Values } from "../options/fields.js";
import { CREATE_FIELDS, EXECUTION_FIELDS, HARDWARE_FIELDS } from "../options/run-fields.js";

/** What has controls of its own, or what the series settle. */
const NO_TABLE_FIELD = ["date", "id", "missing"];
const NO_FORECASTER_FIELD = ["target", "columns", "knownFuture", "static", "quantiles"];
const NO_MODEL_FIELD = [
  ...["inputSize", "outputSize", "classes", "returnSequences", "window"],
  ...["embeddingSize", "head", "quantiles"],
];
const NO_TRAIN_FIELD = ["sequenceLength"];

const loss: FieldSpec = { ...MODEL_OPTIONS.loss, choices: ["huber", "mse", "pinball"] };
const { default: _, ...withoutDefault } = TRAIN_OPTIONS.epochs;
const epochs: FieldSpec = { ...withoutDefault, placeholder: "as trials find best" };
const missingAsZero: FieldSpec = { ...TABLE_OPTIONS.missingAsZero, placeholder: "no column" };
/** In percent, as people say it; the library has quantiles. */
const interval: FieldSpec = { type: "number", default: 80, min: 0, below: 100, check: checkInterval };

/** The fields of a run on series, by table. */
export const TABLE_FIELDS = fieldsOf("TABLE_OPTIONS", { ...TABLE_OPTIONS, missingAsZero }, NO_TABLE_FIELD);
export const FORECASTER_FIELDS = fieldsOf("FORECASTER_OPTIONS", FORECASTER_OPTIONS, NO_FORECASTER_FIELD);
const INTERVAL_FIELD = fieldsOf("page", { interval });
export const MODEL_FIELDS = fieldsOf("MODEL_OPTIONS", { ...MODEL_OPTIONS, loss }, NO_MODEL_FIELD);
export const TRAIN_FIELDS = fieldsOf("TRAIN_OPTIONS", { ...TRAIN_OPTIONS, epochs }, NO_TRAIN_FIELD);
export const FIELDS: Fields = {
  ...TABLE_FIELDS,
  ...FORECASTER_FIELDS,
  ...INTERVAL_FIELD,
  ...MODEL_FIELDS,
  ...TRAIN_FIELDS,
  ...HARDWARE_FIELDS,
};

/** What a column besides target, date and series is to the forecast. */
export type Role = "past" | "future" | "static";

/** What the user chose for a run on series. */
export interface SeriesForm {
  readonly data: "airline" | "own";
  readonly own: GivenContent;
  /** Empty until the table has suggested one. */
  readonly target: string;
  /** The column of dates, or none; undefined for the only one. */
  readonly date: string | false | undefined;
  /** The column that tells series apart. */
  readonly id: string | undefined;
  /** What to do about empty cells and missing dates. */
  readonly missing: Missing;
  /** Of columns that are read, by name. */
  readonly roles: Readonly<Record<string, Role>>;
  /** What the fields hold. */
  readonly values: Values;
}

const WHOLE_TABLE = { target: "", date: undefined, id: undefined, missing: "error", roles: {} } as const;

/** The form for the example of the documentation. What it runs on stays as it is. */
export const exampleForm = ({ own, values }: Pick<SeriesForm, "own" | "values">): SeriesForm => ({
  ...WHOLE_TABLE,
  data: "airline",
  own,
  target: "passengers",
  values: {
    ...values,
    ...fill(TABLE_FIELDS, {}),
    ...fill(FORECASTER_FIELDS, { season: 12, horizon: 12, testRows: 60 }),
    ...fill(INTERVAL_FIELD, {}),
    ...fill(MODEL_FIELDS, FORECASTER_RECIPE.model),
    ...fill(TRAIN_FIELDS, FORECASTER_RECIPE.training),
  },
});

/** The form when the page opens. */
export const INITIAL_FORM: SeriesForm = exampleForm({ own: { text: "" }, values: fill(HARDWARE_FIELDS, {}) });

/** The form for a table of the user's, which suggests what it is about. */
export const ownForm = (form: SeriesForm, own: GivenContent): SeriesForm => ({
  ...form,
  ...WHOLE_TABLE,
  data: "own",
  own,
  values: { ...form.values, ...fill(FORECASTER_FIELDS, {}), missingAsZero: "" },
});

/** The form with what its table suggests, where the target is not one that the user has chosen from it. */
export function withSuggestions(form: SeriesForm, { choice, suggested }: TableReport): SeriesForm {
  const { target = "", table, knownFuture } = choice;
  if (target === form.target) return form;
  const roles = Object.fromEntries(knownFuture.map((name) => [name, "future"] as const));
  const values = form.data === "own" ? { ...form.values, ...textsOf(suggested) } : form.values;
  return { ...form, target, date: table.date, id: table.id, roles, values };
}

const textsOf = (numbers: Readonly<Record<string, number>>): Values =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));

/** The training data. */
export const contentOf = ({ data, own }: SeriesForm): GivenContent => (data === "airline" ? AIRLINE : own);

/**
 * How the form says that its table is read.
 *
 * @throws OptionError for a field that cannot be
 */
export function choiceOf({ target, date, id, missing, roles, values }: SeriesForm): TableChoice {
  const named = (role: Role) => Object.keys(roles).filter((name) => roles[name] === role);
  const table: TableReading = {
    ...(read(FIELDS, values, ({ option }) => option in TABLE_FIELDS) as TableReading),
    missing,
    ...(date === undefined ? {} : { date }),
    ...(id === undefined ? {} : { id }),
  };
  return {
    table,
    ...(target === "" ? {} : { target }),
    columns: named("past"),
    knownFuture: named("future"),
    static: named("static"),
  };
}

/**
 * The run that the form describes.
 *
 * @throws OptionError for a field that cannot be
 */
export function configOf(form: SeriesForm): SeriesRunConfig<GivenContent> {
  const { values } = form;
  const { table, target = "", ...columns } = choiceOf(form);
  const options = (fields: Fields) => read(FIELDS, values, ({ option }) => option in fields);
  const { interval } = options(INTERVAL_FIELD) as { interval: number };
  return {
    kind: "series",
    content: contentOf(form),
    table,
    fitting: {
      ...(options(FORECASTER_FIELDS) as Partial<FitOptions>),
      ...columns,
      target,
      quantiles: quantilesFor(interval),
      model: options({ ...MODEL_FIELDS, ...CREATE_FIELDS }) as NetworkOptions,
      training: options({ ...TRAIN_FIELDS, ...EXECUTION_FIELDS }) as TrainOptions,
    },
  };
}

/** 80 % → 0.1 and 0.9 */
function quantilesFor(interval: number): number[] {
  if (interval === 0) return [];
  const low = Number(((1 - interval / 100) / 2).toPrecision(12));
  return [low, Number((1 - low).toPrecision(12))];
}

function intervalFor(quantiles: readonly number[]): number {
  const [low, high] = [quantiles[0], quantiles.at(-1)];
  return low === undefined || high === undefined ? 0 : Number((100 * (high - low)).toPrecision(6));
}

/** @throws OptionError */
function checkInterval(option: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value < 100) return value;
  throw new OptionError(option, "a percentage from 0 to below 100", value);
}

/** The form of a run that was opened. */
export function formOf(form: SeriesForm, { content, model, training, series }: RunInfo): SeriesForm {
  if (!series) return form;
  const { table, settings } = series;
  const isExample = content.file === AIRLINE.file;
  const rolesOf = (names: readonly string[], role: Role) => names.map((name) => [name, role] as const);
  return {
    data: isExample ? "airline" : "own",
    own: isExample ? form.own : content,
    target: settings.target,
    date: table.date,
    id: table.id,
    missing: table.missing ?? "error",
    roles: Object.fromEntries([
      ...rolesOf(settings.columns, "past"),
      ...rolesOf(settings.knownFuture, "future"),
      ...rolesOf(settings.static, "static"),
    ]),
    values: {
      ...form.values,
      ...fill(TABLE_FIELDS, table),
      ...fill(FORECASTER_FIELDS, settings),
      interval: String(intervalFor(settings.quantiles)),
      ...fill(MODEL_FIELDS, model),
      ...(training ? fill(TRAIN_FIELDS, training) : {}),
    },
  };
}
