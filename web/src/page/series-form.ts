import type { Backend } from "lstm-wasm";
import { AIRLINE } from "../bundled.js";
import type { Content, RunInfo, SeriesPlan } from "../protocol.js";
import { numberIn } from "./text-form.js";

/** What stands in the fields of a run on a series. */
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

/** The fields when the page is opened: the example of the documentation. */
export const FIRST: SeriesForm = {
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

/** What a run is trained on. */
export const contentOf = ({ data, own }: SeriesForm): Content => (data === "airline" ? AIRLINE : own);

/** The run that the fields ask for, with what the command line gives a series besides. */
export function planOf(form: SeriesForm): SeriesPlan {
  const { columns, target, logarithm, difference, season } = form;
  return {
    kind: "series",
    content: contentOf(form),
    series: {
      columns: [...columns],
      target,
      window: numberIn(form.window),
      logarithm,
      difference,
      testFraction: numberIn(form.testFraction),
    },
    ...(season.trim() === "" ? {} : { season: numberIn(season) }),
    model: { hiddenSize: numberIn(form.hiddenSize), seed: numberIn(form.seed), backend: form.backend },
    training: { epochs: numberIn(form.epochs), learningRate: numberIn(form.learningRate), clipNorm: 5 },
  };
}

/** The fields as a run has them that was opened. */
export function formOf(form: SeriesForm, { content, model, training, series }: RunInfo): SeriesForm {
  if (!series) return form;
  const { columns, target, window, logarithm = false, difference = false, testFraction } = series.options;
  const isBundled = content.file === AIRLINE.file;
  return {
    ...form,
    data: isBundled ? "airline" : "own",
    own: isBundled ? form.own : content,
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
