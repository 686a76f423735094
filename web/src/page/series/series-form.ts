import type { Backend } from "lstm-wasm";
import { AIRLINE } from "../../common/airline.js";
import type { Content, RunInfo, SeriesRunConfig } from "../../common/protocol.js";
import { parseNumber } from "../elements/parse-number.js";

/** The fields of a run on a series. */
export interface SeriesForm {
  readonly data: "airline" | "own";
  readonly own: Content;
  readonly columns: readonly string[];
  readonly target: string;
  readonly window: string;
  readonly logarithm: boolean;
  readonly difference: boolean;
  readonly testFraction: string;
  /** Empty for none. */
  readonly season: string;
  readonly hiddenSize: string;
  readonly epochs: string;
  readonly learningRate: string;
  readonly seed: string;
  readonly backend: Backend | "auto";
}

/** The fields when the page opens: the example of the documentation. */
export const INITIAL_FORM: SeriesForm = {
  data: "airline",
  own: { text: "" },
  columns: ["passengers"],
  target: "passengers",
  window: "12",
  logarithm: true,
  difference: true,
  testFraction: "0.33",
  season: "12",
  hiddenSize: "32",
  epochs: "200",
  learningRate: "0.005",
  seed: "1",
  backend: "auto",
};

/** The training data. */
export const contentOf = ({ data, own }: SeriesForm): Content => (data === "airline" ? AIRLINE : own);

/** The run that the fields describe. Options without a field are the command line's for series. */
export function configOf(form: SeriesForm): SeriesRunConfig {
  const { columns, target, logarithm, difference, season } = form;
  return {
    kind: "series",
    content: contentOf(form),
    series: {
      columns: [...columns],
      target,
      window: parseNumber(form.window),
      logarithm,
      difference,
      testFraction: parseNumber(form.testFraction),
    },
    ...(season.trim() === "" ? {} : { season: parseNumber(season) }),
    model: { hiddenSize: parseNumber(form.hiddenSize), seed: parseNumber(form.seed), backend: form.backend },
    training: { epochs: parseNumber(form.epochs), learningRate: parseNumber(form.learningRate), clipNorm: 5 },
  };
}

/** The fields of a run that was opened. */
export function formOf(form: SeriesForm, { content, model, training, series }: RunInfo): SeriesForm {
  if (!series) return form;
  const { columns, target, window, logarithm = false, difference = false, testFraction } = series.options;
  const isExample = content.file === AIRLINE.file;
  return {
    ...form,
    data: isExample ? "airline" : "own",
    own: isExample ? form.own : content,
    columns,
    target,
    window: String(window),
    logarithm,
    difference,
    testFraction: String(testFraction ?? 0.2),
    season: series.season === undefined ? "" : String(series.season),
    hiddenSize: String(model.hiddenSize),
    epochs: String(training.epochs),
    learningRate: String(training.learningRate),
    seed: String(model.seed),
  };
}
