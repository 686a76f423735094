import { InputError, OptionError } from "../common/errors.js";
import { pick, settle } from "../common/options.js";
import { LONGEST_JSON, parseJson } from "../common/parse-json.js";
import { show } from "../common/show.js";
import { checkArray, checkInteger } from "../common/validate.js";
import type { Example } from "../data/examples.js";
import { checkModel, type Model } from "../model/model.js";
import type { ColumnChoice } from "../tables/read-csv.js";
import { TRAIN_OPTIONS, type TrainOptions } from "../training/options.js";
import { leftRun, train } from "../training/train.js";
import { leftTraining } from "../training/training-state.js";
import { type Choice, choose } from "./choose.js";
import { encodersOf, examplesOf, fitGains, originsIn } from "./dataset.js";
import { type ForecasterDescription, forecasterFromJson, type TrainedSeries } from "./description.js";
import { type EncoderInput, type Encoding, layoutOf } from "./encoder.js";
import type { FitOptions } from "./fit-options.js";
import {
  DETECT_OPTIONS,
  type DetectOptions,
  HISTORICAL_OPTIONS,
  type HistoricalOptions,
  PREDICT_OPTIONS,
  type PredictOptions,
  UPDATE_OPTIONS,
  type UpdateOptions,
} from "./forecaster-options.js";
import type { Anomaly, Forecast, Unforecastable } from "./forecasts.js";
import { createNetwork, levelsOf } from "./network.js";
import { FORECASTER_OPTIONS, type ForecasterSettings, settleForecaster } from "./options.js";
import { type Place, Predictor } from "./predictor.js";
import { FORECASTER_RECIPE } from "./recipe.js";
import { refuseUnknownFuture, unforecastable } from "./rows-to-come.js";
import { type BacktestScores, score } from "./scores.js";
import { datesOf, listOf, nameOf, readColumns, rowsOf, settleCovariates, type TargetSeries } from "./target-series.js";
import { partOf, refuseWithout, trainingRowsOfEach } from "./training-parts.js";

/** The attribute of a model that contains its forecaster's description. */
const KEY = "forecaster";

/** The options of a network that a forecaster's own do not settle. */
const NETWORK_OPTIONS = [
  ...["hiddenSize", "layers", "bidirectional", "loss", "huberDelta", "seed"],
  ...["initialization", "initStd", "forgetBias"],
];

/** A forecaster that is yet to be trained. */
export interface PreparedForecaster {
  /** The forecaster, with its model untrained. */
  readonly forecaster: Forecaster;
  /** What its model is to be trained on. */
  readonly examples: readonly Example[];
  /** How. */
  readonly training: TrainOptions;
}

/**
 * The first part of {@link fitForecaster}, for programs that follow the training itself: chooses by trials how the series are
 * represented and for how long a network is trained, and makes the network. `train(forecaster.model, examples, training)`
 * is the rest. The signal in `training` aborts the trials too.
 *
 * @throws as fitForecaster
 */
export async function prepareForecaster(
  series: TargetSeries | readonly TargetSeries[],
  fitting: FitOptions,
): Promise<PreparedForecaster> {
  if (typeof fitting !== "object" || fitting === null)
    throw new OptionError("options", "an object with a target", fitting);
  const { model: network = {}, training = {}, onTrial, onProgress, ...options } = fitting;
  for (const [name, value] of Object.entries({ model: network, training }))
    if (typeof value !== "object" || value === null) throw new OptionError(name, "an object of options", value);
  for (const [name, listener] of Object.entries({ onTrial, onProgress }))
    if (listener !== undefined && typeof listener !== "function") throw new OptionError(name, "a function", listener);
  const settings = settleForecaster(options);
  const all = listOf(series);
  const levels = levelsOf(settings.quantiles, network);
  const lengths = trainingRowsOfEach(all, settings.target, settings);
  const most = lengths.reduce((most, rows) => Math.max(most, rows), 0);
  const covariates = settleCovariates(all, most, settings);
  const learned = all.filter((_, s) => lengths[s]! > 0);
  const trained = all.map(({ id }, s): TrainedSeries => ({ id, rows: lengths[s]! }));
  const parts = all.flatMap((one, s) => {
    const input = readColumns(one, { ...settings, covariates }, settings.horizon);
    return lengths[s]! > 0 ? [partOf(input, lengths[s]!)] : [];
  });
  refuseWithout(parts, learned, settings);
  if (settings.season > most)
    throw new OptionError("season", `at most ${most}, the training rows of the longest series`, settings.season);
  const choice = await choose(settings, { parts, network, levels, training }, { onTrial, onProgress });
  const { encoding, isNaive, offsets, spreads } = choice;
  const gains = fitGains(parts, encoding);
  const encoders = encodersOf(parts, encoding, gains, levels.length);
  const origins = originsIn(parts, encoders);
  if (origins.length === 0) {
    const needed = Math.min(...encoders.map(({ firstOrigin }) => firstOrigin)) + 2;
    const advice =
      "give longer series, or hold out fewer rows; short sequences of numbers are examples for train(), " +
      "with createModel({ inputSize, outputSize })";
    throw new InputError(
      `too few rows to learn from: needs at least ${needed} besides those held out, got ${most}: ${advice}`,
    );
  }
  const model = await createNetwork(encoding, layoutOf(parts[0]!.input, levels.length), levels, network);
  const forecaster = new Forecaster(
    model,
    { ...settings, encoding, gains, covariates, isNaive, offsets, spreads, trained },
    choice,
  );
  keep(model, forecaster);
  const epochs = { epochs: choice.epochs };
  return {
    forecaster,
    examples: examplesOf(origins),
    training: { ...FORECASTER_RECIPE.training, ...epochs, ...training },
  };
}

/**
 * Trains a network to forecast a column of one or many series, `horizon` rows at once. How the series are represented, and
 * for how many epochs the network is trained, is chosen by trials on the last rows before those that are held out; then it
 * is trained on all of these. Many series share one network, which can forecast others too.
 *
 * @returns the forecaster; `save(forecaster.model)` keeps it, {@link getForecaster} restores it
 * @throws OptionError for an invalid option value
 * @throws InputError for a missing column, a value that is not finite, or too few rows
 * @throws as train and createModel
 */
export async function fitForecaster(
  series: TargetSeries | readonly TargetSeries[],
  options: FitOptions,
): Promise<Forecaster> {
  const { forecaster, examples, training } = await prepareForecaster(series, options);
  await train(forecaster.model, examples, training);
  return forecaster;
}

/** @throws InputError for more series than a checkpoint can describe */
function keep(model: Model, forecaster: Forecaster): void {
  const text = JSON.stringify(forecaster);
  if (text.length > LONGEST_JSON)
    throw new InputError(
      "the ids of so many series do not fit into a checkpoint: give them shorter ones, or train on fewer",
    );
  model.attributes.set(KEY, text);
}

/**
 * The forecaster that a model belongs to.
 *
 * @throws InputError for a model that was not made by {@link fitForecaster}
 */
export function getForecaster(model: Model): Forecaster {
  checkModel(model);
  const stored = model.attributes.get(KEY);
  if (stored === undefined) throw new InputError("this model was not trained on a series: it cannot forecast one");
  let json: unknown;
  try {
    json = parseJson(stored);
  } catch {
    throw new InputError("this model's forecaster is not valid JSON");
  }
  return new Forecaster(model, forecasterFromJson(json, model));
}

/** Whether a model belongs to a forecaster. */
export const isForecaster = (model: Model): boolean => model.attributes.has(KEY);

/** A network that forecasts series, in their own units: made by {@link fitForecaster} or {@link getForecaster}. */
export class Forecaster {
  private readonly predictor: Predictor;

  /** @internal */
  constructor(
    /** The network. */
    readonly model: Model,
    private readonly description: ForecasterDescription,
    /** How it was chosen; absent after {@link getForecaster}. */
    readonly choice?: Choice,
  ) {
    this.predictor = new Predictor(model, description);
  }

  /** The options, with defaults filled in. */
  get settings(): ForecasterSettings {
    return pick(FORECASTER_OPTIONS, this.description) as ForecasterSettings;
  }

  /** How the network reads a series. */
  get encoding(): Encoding {
    return this.description.encoding;
  }

  /** The columns of a table that it reads, as options of {@link readCsv}. */
  get reading(): Required<ColumnChoice> {
    const { target, columns, knownFuture, static: statics } = this.description;
    return { columns: [target, ...columns], knownFuture, static: statics };
  }

  /** Whether no network was better than the naive forecast that its outputs are added to. Then that is the forecast. */
  get isNaive(): boolean {
    return this.description.isNaive;
  }

  /** Rows of a series that were trained on, by its id; 0 for another one, and for one that was too short. */
  trainedRows(id: string | undefined): number {
    return this.description.trained.find((series) => series.id === id)?.rows ?? 0;
  }

  /**
   * What the network is trained on: the training rows of the same series as before, which may have become longer.
   *
   * @throws InputError for a series that was not trained on, or has become shorter
   */
  examples(series: TargetSeries | readonly TargetSeries[]): Example[] {
    const all = listOf(series);
    const { encoding, gains } = this.description;
    const parts = all.map((one) => {
      const input = this.read(one);
      const rows = this.description.trained.find(({ id }) => id === one.id)?.rows;
      if (rows === undefined) throw new InputError(`${nameOf(one)} was not trained on`);
      if (rows > input.target.length)
        throw new InputError(`${nameOf(one)} has ${input.target.length} rows; it was trained on ${rows}`);
      return partOf(input, rows);
    });
    return examplesOf(originsIn(parts, encodersOf(parts, encoding, gains, this.predictor.levels.length)));
  }

  /**
   * Trains the network further, on newer rows of its series or on other series with the same columns. How they are represented and
   * scaled stays as it is, and so do the intervals. The network is this forecaster's own: from then on, use the one returned.
   *
   * @throws OptionError, InputError as {@link prepareUpdate}; as train
   */
  async update(series: TargetSeries | readonly TargetSeries[], options?: UpdateOptions): Promise<Forecaster> {
    const { forecaster, examples, training } = this.prepareUpdate(series, options);
    await train(forecaster.model, examples, training);
    return forecaster;
  }

  /**
   * The first part of {@link update}, for programs that follow the training themselves, as after {@link prepareForecaster}.
   *
   * @throws OptionError for an invalid option value
   * @throws InputError for a missing column, a value that is not finite, or too few rows
   */
  prepareUpdate(
    series: TargetSeries | readonly TargetSeries[],
    { training = {}, ...options }: UpdateOptions = {},
  ): PreparedForecaster {
    const settled = settle(UPDATE_OPTIONS, options);
    const { testFraction, testRows } = Object.keys(options).length > 0 ? settled : this.settings;
    const all = listOf(series);
    const { encoding, gains } = this.description;
    const lengths = trainingRowsOfEach(all, this.description.target, { testFraction, testRows });
    const parts = all.map((one, s) => partOf(this.read(one), lengths[s]!));
    const origins = originsIn(parts, encodersOf(parts, encoding, gains, this.predictor.levels.length));
    if (origins.length === 0) throw new InputError("too few rows to learn from, besides those held out");
    const trained = all.map(({ id }, s): TrainedSeries => ({ id, rows: parts[s]!.to }));
    const others = this.description.trained.filter(({ id }) => all.every((one) => one.id !== id));
    const description = { ...this.description, testFraction, testRows, trained: [...trained, ...others] };
    const forecaster = new Forecaster(this.model, description, this.choice);
    const epochs = leftTraining(this.model)?.config.epochs ?? this.choice?.epochs;
    keep(this.model, forecaster);
    return {
      forecaster,
      examples: examplesOf(origins),
      training: { ...FORECASTER_RECIPE.training, ...(epochs === undefined ? {} : { epochs }), ...training },
    };
  }

  /**
   * What the network reads to forecast the rows after one of a series, for `trace`: [steps, inputSize]. The steps are the last
   * rows up to that one and, where columns are known in advance, the rows to come.
   *
   * @param after the row, counted from 0. Default: the last one
   * @throws OptionError for a row out of range
   * @throws InputError as {@link predict}
   */
  inputs(series: TargetSeries, after?: number): Float32Array {
    const { horizon } = this.encoding;
    const input = this.read(series, horizon);
    const encoder = this.predictor.encoderOf(input);
    const origin =
      after === undefined
        ? this.lastOrigin(input, series)
        : checkInteger("after", after, encoder.firstOrigin, encoder.length - 1);
    this.refuseUnforecastable(series, { ...input, target: input.target.subarray(0, origin + 1) }, horizon);
    return encoder.inputs(origin);
  }

  /**
   * Forecasts the rows after the last one of a series, or of each of several.
   *
   * Beyond the horizon that it was trained for, it reads its own forecasts.
   *
   * @throws OptionError for a horizon out of range
   * @throws InputError for a missing column, too few rows, or a column that is needed beyond its last row
   */
  predict(series: TargetSeries, options?: PredictOptions): Promise<Forecast>;
  predict(series: readonly TargetSeries[], options?: PredictOptions): Promise<Forecast[]>;
  async predict(
    series: TargetSeries | readonly TargetSeries[],
    options: PredictOptions = {},
  ): Promise<Forecast | Forecast[]> {
    const { horizon = this.encoding.horizon } = settle(PREDICT_OPTIONS, options);
    const all = listOf(series);
    const inputs = all.map((one) => this.read(one, horizon));
    const origins = inputs.map((input, s) => {
      this.refuseUnforecastable(all[s]!, input, horizon);
      return { input, origin: this.lastOrigin(input, all[s]!), unseen: this.trainedRows(all[s]!.id) };
    });
    const means = await this.predictor.after(origins, horizon);
    const forecasts = means.map((rows, s) => this.forecastOf(all[s]!, origins[s]!.origin + 1, rows));
    return Array.isArray(series) ? forecasts : forecasts[0]!;
  }

  /**
   * Those of several series of which there is nothing to forecast: those with too few rows and, where columns have to be known
   * in advance, those that have no rows to come and ended before others. {@link predict} refuses them: leave them out to
   * forecast the others.
   *
   * @throws InputError for a missing column, and a value that is not finite
   */
  unforecastable(series: readonly TargetSeries[]): Unforecastable[] {
    const all = listOf(series).map((one) => {
      const input = this.read(one);
      return { series: one, rows: input.target.length, needed: this.predictor.encoderOf(input).firstOrigin + 1 };
    });
    return unforecastable(all, this.description.knownFuture);
  }

  /**
   * Forecasts what is known already, each time from the rows before: of each series, `horizon` rows from row `from` on,
   * then from a row `stride` later, to its end.
   *
   * @throws OptionError for an option out of range
   * @throws InputError as {@link predict}, and where no row is left to forecast
   */
  async historicalForecasts(
    series: TargetSeries | readonly TargetSeries[],
    options: HistoricalOptions = {},
  ): Promise<Forecast[]> {
    const settled = settle(HISTORICAL_OPTIONS, options);
    const { horizon = this.encoding.horizon, origins, from: wanted, refit } = settled;
    if (origins !== undefined && wanted !== undefined)
      throw new OptionError("origins", "no value beside `from`", origins);
    const stride = settled.stride ?? (origins === undefined ? horizon : 1);
    const places = listOf(series).flatMap((one) => {
      const input = this.read(one, horizon);
      const { length } = input.target;
      const earliest = this.predictor.encoderOf(input).firstOrigin + 1;
      let first = Math.max(wanted ?? this.trainedRows(one.id), earliest);
      let count = Math.max(0, Math.ceil((length - first) / stride));
      if (origins !== undefined) {
        count = Math.max(0, Math.min(origins, Math.floor((length - horizon - earliest) / stride) + 1));
        first = length - horizon - (count - 1) * stride;
      }
      const unseen = this.trainedRows(one.id);
      return Array.from({ length: count }, (_, i) => ({
        ...{ one, input, unseen, end: length },
        origin: first + i * stride - 1,
      }));
    });
    if (places.length === 0)
      throw new InputError("no rows are left to forecast: hold some out with testRows or testFraction, or set `from`");
    const means = refit
      ? await this.refitted(listOf(series), places, horizon)
      : await this.predictor.after(places, horizon);
    return means.map((rows, i) => {
      const { one, origin, end } = places[i]!;
      return this.forecastOf(
        one,
        origin + 1,
        rows.map((row) => row.slice(0, end - origin - 1)),
      );
    });
  }

  /**
   * Compares {@link historicalForecasts} with what came, and with naive forecasts of the same rows.
   *
   * @throws as historicalForecasts
   */
  async backtest(
    series: TargetSeries | readonly TargetSeries[],
    options: HistoricalOptions = {},
  ): Promise<BacktestScores> {
    return this.score(series, await this.historicalForecasts(series, options));
  }

  /**
   * Compares forecasts of rows that are known by now with these, and with naive forecasts of them.
   *
   * @param series with the rows that came
   * @param forecasts as of {@link historicalForecasts}, those of a series in the order of their rows
   * @throws InputError for a missing column, and what is no such forecast
   */
  score(series: TargetSeries | readonly TargetSeries[], forecasts: readonly Forecast[]): BacktestScores {
    const values = new Map(listOf(series).map((one) => [one.id, this.read(one).target]));
    const checked = Array.from(checkArray("forecasts", forecasts), (one, i) => {
      const { id, from, mean, quantiles } = Object(one) as Forecast;
      const rows = values.get(id)?.length ?? 0;
      const isForecast = Number.isInteger(from) && from > 0 && Array.isArray(mean) && mean.length > 0;
      if (!isForecast || from + mean.length > rows)
        throw new InputError(
          `forecasts[${i}]: expected a forecast of known rows of one of the series, got ${show(one)}`,
        );
      return { id, from, mean, quantiles };
    });
    if (checked.length === 0) throw new InputError("expected at least one forecast, got none");
    return score(checked, values, this.description);
  }

  /**
   * Finds the rows whose value lies outside the interval between the lowest and the highest quantile, forecast from the rows
   * before each.
   *
   * @throws InputError for a forecaster without two quantiles, and as {@link historicalForecasts}
   */
  async detect(series: TargetSeries | readonly TargetSeries[], options: DetectOptions = {}): Promise<Anomaly[]> {
    const { from } = settle(DETECT_OPTIONS, options);
    const { quantiles, target } = this.description;
    const [lowest, highest] = [quantiles[0], quantiles.at(-1)];
    if (lowest === undefined || lowest === highest)
      throw new InputError(
        "the model forecasts no interval: train it with two `quantiles` at least, such as 0.005,0.995",
      );
    const values = new Map(listOf(series).map((one) => [one.id, one.columns[target]!]));
    const forecasts = await this.historicalForecasts(series, { from, horizon: 1, stride: 1 });
    return forecasts.flatMap(({ id, from: row, dates, quantiles }): Anomaly[] => {
      const [low, high] = [quantiles[lowest]![0]!, quantiles[highest!]![0]!];
      const value = values.get(id)![row]!;
      if (value >= low && value <= high) return [];
      const score = Math.abs(value - (low + high) / 2) / ((high - low) / 2);
      return [{ id, row, date: dates?.[0], value, low, high, score }];
    });
  }

  /** As stored with the model. */
  toJSON(): ForecasterDescription {
    return this.description;
  }

  /** @param horizon rows that are forecast after any row of the series */
  private read(series: TargetSeries, horizon = 0): EncoderInput {
    // A network reads what is known of all rows that it forecasts, whether they are asked for or not.
    return readColumns(series, this.description, horizon + this.encoding.horizon);
  }

  private lastOrigin(input: EncoderInput, series: TargetSeries): number {
    const { firstOrigin, length } = this.predictor.encoderOf(input);
    if (length > firstOrigin) return length - 1;
    throw new InputError(`a forecast needs at least ${firstOrigin + 1} rows, got ${length} of ${nameOf(series)}`);
  }

  /** @throws InputError, OptionError where the rows after a series cannot be forecast */
  private refuseUnforecastable(series: TargetSeries, input: EncoderInput, horizon: number): void {
    refuseUnknownFuture(series, input, horizon, this.description);
    this.predictor.refuseBeyond(horizon);
  }

  /** Forecasts of networks that were trained on all rows up to each origin; those as far from the end share one. */
  private async refitted(
    series: readonly TargetSeries[],
    places: readonly (Place & { end: number })[],
    horizon: number,
  ): Promise<number[][][]> {
    const forecasts: number[][][] = [];
    for (const left of new Set(places.map(({ origin, end }) => end - origin - 1))) {
      const indices = [...places.keys()].filter((i) => places[i]!.end - places[i]!.origin - 1 === left);
      // A series without so many rows has nothing to teach yet.
      const longer = series.filter((one) => rowsOf(one, this.description.target) > left);
      const forecaster = await fitForecaster(longer, this.fittingFor(left));
      const some = await forecaster.predictor.after(
        // None of the rows before was left out.
        indices.map((i) => ({ ...places[i]!, unseen: places[i]!.origin + 1 })),
        horizon,
      );
      forecaster.model.free();
      for (const [at, i] of indices.entries()) forecasts[i] = some[at]!;
    }
    return forecasts;
  }

  /** How this forecaster was trained, for other rows: all but so many. */
  private fittingFor(testRows: number): FitOptions {
    const { settings, encoding, model, description } = this;
    const { transform, difference, scaling } = encoding;
    const settled = { ...settings, transform, difference, scaling, testRows, testFraction: 0 };
    const { config } = leftRun(model);
    const network = Object.fromEntries(Object.entries(model.config).filter(([name]) => NETWORK_OPTIONS.includes(name)));
    const { sequenceLength: _ofTexts, ...training } = pick(TRAIN_OPTIONS, config) as TrainOptions;
    return { ...settled, target: description.target, model: { ...network, backend: model.backend }, training };
  }

  private forecastOf(series: TargetSeries, from: number, [mean = [], ...bounds]: readonly number[][]): Forecast {
    const quantiles = Object.fromEntries(this.description.quantiles.map((quantile, q) => [quantile, bounds[q]!]));
    return { id: series.id, from, dates: datesOf(series, from, mean.length), mean, quantiles };
  }
}
