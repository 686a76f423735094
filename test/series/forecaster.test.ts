import { beforeAll, describe, expect, test } from "vitest";
import {
  describeChoice,
  describeEncoding,
  type Forecaster,
  fitForecaster,
  getForecaster,
  prepareForecaster,
  type TargetSeries,
  type Trial,
  type TrialProgress,
} from "../../src/forecast.js";
import { createModel, type Example, InputError, load, OptionError, predict, save, train } from "../../src/index.js";
import { trace } from "../../src/inspect.js";
import { Frequency } from "../internals/tables.js";

const series = (values: ArrayLike<number>, id?: string): TargetSeries => ({ id, columns: { y: values } });
const range = <Item>(length: number, value: (row: number) => Item) => Array.from({ length }, (_, row) => value(row));
const SMALL = { hiddenSize: 8, backend: "simd" } as const;
/** A growing wave with a period of 6. */
const wave = range(90, (row) => (100 + row) * (1 + 0.3 * Math.sin((2 * Math.PI * row) / 6)));

describe("a forecaster of one series", () => {
  let forecaster: Forecaster;
  beforeAll(async () => {
    const training = { epochs: 30, learningRate: 0.01 };
    const options = { target: "y", season: 6, horizon: 4, testRows: 12, model: SMALL, training };
    forecaster = await fitForecaster(series(wave), options);
  });

  test("chooses how it reads the series, and says what else it tried", () => {
    const { trials, encoding, isNaive } = forecaster.choice!;
    expect(isNaive).toBe(false);
    expect(encoding.difference).toBe("seasonal");
    expect(new Set(trials.map(({ encoding }) => `${encoding.transform} ${encoding.difference}`)).size).toBe(6);
    const errors = trials.map(({ error }) => error);
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
  });

  test("beats the naive forecasts on rows it has not seen, each forecast once", async () => {
    const scores = await forecaster.backtest(series(wave));
    expect(scores.rows).toBe(12);
    expect(scores.steps).toHaveLength(4);
    expect(scores.naive.map(({ name }) => name)).toEqual([
      "persistence",
      "seasonal naive",
      "drift",
      "Holt's linear trend",
    ]);
    for (const { rmse } of scores.naive) expect(scores.rmse).toBeLessThan(rmse / 2);
    expect(scores.advice).toBeUndefined();
  });

  test("continues the series, and beyond its horizon reads its own forecasts", async () => {
    const { from, mean } = await forecaster.predict(series(wave), { horizon: 7 });
    expect([from, mean.length]).toEqual([90, 7]);
    expect(mean.slice(0, 4)).toEqual((await forecaster.predict(series(wave))).mean);
    const continued = await forecaster.predict(series([...wave, ...mean.slice(0, 4)]));
    expect(mean.slice(4)).toEqual(continued.mean.slice(0, 3));
    for (const [i, value] of mean.entries()) {
      const truth = (190 + i) * (1 + 0.3 * Math.sin((2 * Math.PI * (90 + i)) / 6));
      expect(Math.abs(value / truth - 1)).toBeLessThan(0.1);
    }
  });

  test("survives a checkpoint, bit for bit", async () => {
    const restored = getForecaster(await load(await save(forecaster.model), { backend: "simd" }));
    expect(restored.toJSON()).toEqual(forecaster.toJSON());
    expect(await restored.predict(series(wave))).toEqual(await forecaster.predict(series(wave)));
    const flat = (examples: readonly Example[]) => examples.map(({ inputs, targets }) => [inputs, targets]);
    expect(flat(restored.examples(series([...wave, 1e9])))).toEqual(flat(forecaster.examples(series(wave))));
  });

  test("forecasts the past from the rows before, whatever comes after", async () => {
    const [first] = await forecaster.historicalForecasts(series(wave), { from: 60, stride: 5 });
    const cut = await forecaster.predict(series(wave.slice(0, 60)));
    expect(first).toEqual(cut);
    const last = await forecaster.historicalForecasts(series(wave), { origins: 3 });
    expect(last.map(({ from, mean }) => [from, mean.length])).toEqual([
      [84, 4],
      [85, 4],
      [86, 4],
    ]);
    const places = await forecaster.historicalForecasts(series(wave), { from: 80, stride: 5, horizon: 6 });
    expect(places.map(({ from, mean }) => [from, mean.length])).toEqual([
      [80, 6],
      [85, 5],
    ]);
  });

  test("forecasts the past from networks that were trained on all rows before, if they are refitted", async () => {
    const options = { from: 80, stride: 5, refit: true };
    const refitted = await forecaster.historicalForecasts(series(wave), options);
    expect(refitted.map(({ from, mean }) => [from, mean.length])).toEqual([
      [80, 4],
      [85, 4],
    ]);
    // As a forecaster that is settled as this one, and holds out the last five rows.
    const { transform, difference, scaling } = forecaster.encoding;
    const settled = { transform, difference, scaling, target: "y", season: 6, horizon: 4 };
    const training = { epochs: 30, learningRate: 0.01 };
    const later = await fitForecaster(series(wave), { ...settled, testRows: 5, model: SMALL, training });
    expect(refitted[1]).toEqual((await later.historicalForecasts(series(wave), { from: 85 }))[0]);
    expect(refitted[1]).not.toEqual((await forecaster.historicalForecasts(series(wave), { from: 85 }))[0]);
    // What it was trained on counts for nothing afterwards.
    expect((await forecaster.predict(series(wave))).mean).toHaveLength(4);
  });

  test("shows what its network reads, which can be traced", () => {
    const { model, encoding } = forecaster;
    const last = forecaster.inputs(series(wave));
    expect(last).toHaveLength(encoding.window * model.config.inputSize);
    expect(forecaster.inputs(series([...wave, 1e9]), 89)).toEqual(last);
    expect(forecaster.inputs(series(wave), 40)).not.toEqual(last);
    const { layers, outputs } = trace(model, last);
    expect(layers[0]![0]!.cell).toHaveLength(encoding.window * model.config.hiddenSize);
    expect(outputs.subarray(-4)).toEqual(predict(model, last));
    for (const after of [0, 90, 1.5]) expect(() => forecaster.inputs(series(wave), after)).toThrow(OptionError);
  });

  test("needs a few rows, and rows that are numbers", async () => {
    await expect(forecaster.predict(series([1, 2, 3]))).rejects.toThrow(/a forecast needs at least \d+ rows, got 3/);
    await expect(forecaster.predict(series([...wave, Number.NaN]))).rejects.toThrow('column "y", row 90');
    await expect(forecaster.predict(wave as never)).rejects.toThrow(
      "expected a series, { columns: { name: numbers } }, got 100: an array of numbers is one of its columns",
    );
    await expect(forecaster.predict({ columns: { z: wave } })).rejects.toThrow('no column "y"; the columns are z');
    await expect(forecaster.predict(series(wave), { horizon: 0 })).rejects.toThrow(OptionError);
    expect(() => forecaster.examples(series(wave, "another"))).toThrow('the series "another" was not trained on');
    await expect(forecaster.historicalForecasts(series(wave.slice(0, 78)))).rejects.toThrow(
      "no rows are left to forecast",
    );
  });

  test("is not made of a description that does not fit", async () => {
    const model = await load(await save(forecaster.model), { backend: "simd" });
    const whole = JSON.parse(model.attributes.get("forecaster")!) as Record<string, object>;
    const wrong: [object, RegExp][] = [
      [{ horizon: 5 }, /other inputs or outputs/],
      [{ target: 3 }, /target/],
      [{ gains: { ...whole["gains"], input: 0 } }, /gains\.input/],
      [{ gains: { ...whole["gains"], columns: [{}] } }, /gains/],
      [{ encoding: { ...whole["encoding"], window: 1e9 } }, /window/],
      [{ encoding: { ...whole["encoding"], transform: "log", floor: 0 } }, /floor/],
      [{ trained: [{ rows: -1 }] }, /rows/],
      [{ quantiles: [0.5] }, /offsets/],
      [{ offsets: [[1]] }, /offsets/],
      [{ spreads: [[{ mean: 1, rows: 1 }]] }, /spreads/],
      [{ spreads: {} }, /spreads/],
      [{ covariates: { calendar: ["week"], statics: [] } }, /calendar/],
      [{ calendar: true }, /calendar/],
      [{ static: ["region"] }, /statics/],
    ];
    for (const [part, message] of wrong) {
      model.attributes.set("forecaster", JSON.stringify({ ...whole, ...part }));
      expect(() => getForecaster(model)).toThrow(message);
      expect(() => getForecaster(model)).toThrow(InputError);
    }
    model.attributes.set("forecaster", "{");
    expect(() => getForecaster(model)).toThrow("not valid JSON");
    const bare = await createModel({ inputSize: 1, hiddenSize: 2, backend: "simd" });
    expect(() => getForecaster(bare)).toThrow("was not trained on a series");
  });
});

describe("the trials", () => {
  const options = { target: "y", season: 6, horizon: 2, quantiles: [0.1, 0.9] };
  const quick = { model: { ...SMALL, hiddenSize: 4 }, training: { epochs: 5 } };

  test("are told of as they go, and end with those that calibrate quantiles", async () => {
    const [trials, steps]: [Trial[], TrialProgress[]] = [[], []];
    const onTrial = (trial: Trial) => trials.push(trial);
    const onProgress = (progress: TrialProgress) => steps.push(progress);
    const prepared = await prepareForecaster(series(wave), {
      ...options,
      ...quick,
      onTrial,
      onProgress,
      transform: "none",
    });
    const { model, choice } = prepared.forecaster;
    expect(trials).toHaveLength(3);
    expect(new Set(steps.map(({ trial }) => trial))).toEqual(new Set([1, 2, 3]));
    for (const { trials, epoch, error } of steps) {
      expect(trials).toBe(3);
      expect(epoch).toBeGreaterThan(0);
      expect(error).toBeGreaterThan(0);
    }
    const first = steps.filter(({ trial, isCalibrating }) => trial === 1 && !isCalibrating);
    expect(first.map(({ encoding }) => encoding)).toEqual(first.map(() => trials[0]!.encoding));
    expect(first[0]!.epoch).toBe(1);
    // All of its validation parts are used up by the trials already.
    expect(steps.some(({ isCalibrating }) => isCalibrating)).toBe(false);
    // What is told to nobody is the same.
    const alone = await prepareForecaster(series(wave), { ...options, ...quick, transform: "none" });
    expect(alone.forecaster.choice).toEqual(choice);
    await train(model, prepared.examples, { ...prepared.training, epochs: 1 });
    expect((await prepared.forecaster.predict(series(wave))).mean).toHaveLength(2);
    await expect(prepareForecaster(series(wave), { ...options, onProgress: 3 as never })).rejects.toThrow(
      "onProgress: expected a function, got 3",
    );
  });

  test("can be aborted", async () => {
    const abort = new AbortController();
    const onProgress = ({ epoch }: TrialProgress) => epoch === 2 && abort.abort(new Error("enough"));
    const training = { signal: abort.signal };
    await expect(prepareForecaster(series(wave), { ...options, ...quick, training, onProgress })).rejects.toThrow(
      "enough",
    );
  });

  test("are told of in words", async () => {
    const { forecaster } = await prepareForecaster(series(wave), { ...options, ...quick, transform: "none" });
    const choice = { ...forecaster.choice!, isNaive: false };
    const { trials } = choice;
    const encoding = { ...choice.encoding, difference: "seasonal", transform: "log", scaling: "window" } as const;
    expect(describeEncoding(encoding)).toBe("6 rows of changes from season to season of log, scaled by window");
    const [best, second] = trials;
    const said = describeChoice({ ...choice, encoding, epochs: 1 });
    expect(said).toMatch(
      /^Chose 6 rows of changes from season to season of log, scaled by window, for 1 epoch: an error of/,
    );
    expect(said).toContain(
      `an error of ${best!.error.toPrecision(3)} mean changes on the validation part; ${second!.error.toPrecision(3)} with`,
    );
    expect(describeChoice({ ...choice, encoding, isNaive: true })).toMatch(
      /no network was better .* The forecast is that$/,
    );
  });
});

describe("quantiles", () => {
  /** Noise whose spread is a tenth of the level, which doubles. */
  const uniform = (row: number) => ((Math.imul(row + 1, 2654435761) >>> 8) % 65536) / 65536;
  const noisy = range(240, (row) => (100 + row / 2) * (1 + 0.1 * (2 * uniform(row) - 1)));
  const options = { target: "y", horizon: 2, testRows: 60, quantiles: [0.1, 0.5, 0.9], model: SMALL };

  test("cover as many rows as they should, never cross, and are kept", async () => {
    const training = { epochs: 15, learningRate: 0.01 };
    const forecaster = await fitForecaster(series(noisy), { ...options, training });
    const forecasts = await forecaster.historicalForecasts(series(noisy), { stride: 1 });
    for (const { quantiles } of forecasts)
      for (const [i, low] of quantiles["0.1"]!.entries()) {
        expect(low).toBeLessThanOrEqual(quantiles["0.5"]![i]!);
        expect(quantiles["0.5"]![i]!).toBeLessThanOrEqual(quantiles["0.9"]![i]!);
      }
    const { intervals } = await forecaster.backtest(series(noisy), { stride: 1 });
    expect(Math.abs(intervals!.coverage["0.8"]! - 0.8)).toBeLessThan(0.15);
    const restored = getForecaster(await load(await save(forecaster.model), { backend: "simd" }));
    expect(await restored.predict(series(noisy))).toEqual(await forecaster.predict(series(noisy)));
    await expect(forecaster.predict(series(noisy), { horizon: 3 })).rejects.toThrow("calibrated up to there");
  });

  test("are as wide as forecasts have been off since the training", async () => {
    // Noise that is a quarter as large from the first row on that is held out.
    const calmer = range(240, (row) => 100 + (row < 180 ? 10 : 2.5) * (2 * uniform(row) - 1));
    const settled = { transform: "none", difference: "none", scaling: "standard", training: { epochs: 5 } } as const;
    const forecaster = await fitForecaster(series(calmer), { ...options, ...settled });
    const widthAfter = async (rows: number) => {
      const { quantiles } = await forecaster.predict(series(calmer.slice(0, rows)));
      return quantiles["0.9"]![1]! - quantiles["0.1"]![1]!;
    };
    const later = await widthAfter(240);
    // Each forecast knows what was known when it was made, and no more.
    const all = await forecaster.historicalForecasts(series(calmer), { stride: 1 });
    const predicted = await forecaster.predict(series(calmer.slice(0, 220)));
    expect(all.find(({ from }) => from === 220)!.quantiles).toEqual(predicted.quantiles);
    // Files from before have no spreads: their quantiles stay.
    const model = await load(await save(forecaster.model), { backend: "simd" });
    const { spreads: _, ...earlier } = JSON.parse(model.attributes.get("forecaster")!);
    model.attributes.set("forecaster", JSON.stringify(earlier));
    const { quantiles } = await getForecaster(model).predict(series(calmer));
    expect(later).toBeLessThan(0.75 * (quantiles["0.9"]![1]! - quantiles["0.1"]![1]!));
  });

  test("find what does not lie between them", async () => {
    const training = { epochs: 15, learningRate: 0.01 };
    const forecaster = await fitForecaster(series(noisy), { ...options, quantiles: [0.01, 0.99], training });
    const broken = [...noisy];
    broken[220] = 400;
    const found = await forecaster.detect(series(broken));
    const worst = found.reduce((a, b) => (b.score > a.score ? b : a));
    expect(worst).toMatchObject({ id: undefined, row: 220, value: 400 });
    expect(worst.score).toBeGreaterThan(5);
    expect(found.length).toBeLessThan(12);
    for (const { value, low, high, score } of found) expect(value < low || value > high ? score : 0).toBeGreaterThan(1);
    expect(await forecaster.detect(series(broken), { from: 239 })).toHaveLength(0);
    const bare = await fitForecaster(series(noisy), { ...options, quantiles: [], training });
    await expect(bare.detect(series(noisy))).rejects.toThrow("train it with two `quantiles` at least");
  });

  test("need a validation part, and lie between 0 and 1", async () => {
    await expect(fitForecaster(series([1, 2, 3, 4, 6, 7]), options)).rejects.toThrow(/rows/);
    for (const quantiles of [[0], [1], [0.9, 0.1], ["x"]] as never[])
      await expect(fitForecaster(series(noisy), { ...options, quantiles })).rejects.toThrow("quantiles: expected");
  });
});

describe("many series", () => {
  const slopes = range(12, (i) => (i - 5.5) * 10 ** (i % 4));
  const many = slopes.map((slope, i) =>
    series(
      range(14 + i, (row) => 1000 + slope * row),
      `s${i}`,
    ),
  );

  test("of any size and length share a network, which forecasts another", async () => {
    const options = {
      target: "y",
      horizon: 3,
      testRows: 3,
      model: SMALL,
      training: { epochs: 60, learningRate: 0.02 },
    };
    const forecaster = await fitForecaster(many, options);
    const scores = await forecaster.backtest(many);
    expect(scores.series.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
    expect(scores.rows).toBe(36);
    expect(scores.mase).toBeLessThan(scores.naive[0]!.mase / 3);
    const { mean } = await forecaster.predict(series(range(20, (row) => 5 + 0.1 * row)));
    for (const [i, value] of mean.entries()) expect(Math.abs(value - (7 + 0.1 * i))).toBeLessThan(0.1);
    const forecasts = await forecaster.predict(many);
    expect(forecasts[3]).toEqual(await forecaster.predict(many[3]!));
  });

  test("have names of their own", async () => {
    await expect(fitForecaster([many[0]!, many[0]!], { target: "y" })).rejects.toThrow("have the same id");
    await expect(fitForecaster([], { target: "y" })).rejects.toThrow("at least one series");
  });
});

describe("other columns", () => {
  const noise = (seed: number) => range(80, (row) => ((row * 7919 * (seed + 3)) % 101) - 50);
  const fixed = { transform: "none", difference: "none", scaling: "standard" } as const;

  test("that hold nothing do not drown the target", async () => {
    const names = range(10, (i) => i).map(String);
    const columns = { y: wave.slice(0, 80), ...Object.fromEntries(names.map((name, i) => [name, noise(i)])) };
    const options = { target: "y", columns: names, season: 6, model: SMALL, training: { epochs: 30 } };
    const scores = await (await fitForecaster({ columns }, options)).backtest({ columns });
    expect(scores.rmse).toBeLessThan(scores.naive[1]!.rmse);
  });

  test("that are known in advance are read at the row that they belong to", async () => {
    const promotion = range(83, (row) => ((row * row) % 7 < 2 ? 1 : 0));
    const columns = { y: range(80, (row) => 20 + 10 * promotion[row]!), promotion };
    const known = { target: "y", knownFuture: ["promotion"], horizon: 3, testRows: 12, window: 4, ...fixed };
    const training = { epochs: 120, learningRate: 0.02 };
    const forecaster = await fitForecaster({ columns }, { ...known, model: SMALL, training });
    const { mean } = await forecaster.predict({ columns });
    for (const [i, value] of mean.entries()) expect(Math.abs(value - (20 + 10 * promotion[80 + i]!))).toBeLessThan(2);
    const short = { columns: { ...columns, promotion: promotion.slice(0, 82) } };
    await expect(forecaster.predict(short)).rejects.toThrow(
      'to forecast 3 rows, "promotion" must be known in advance, but row 82 (counted from 0) is missing: append it',
    );
    expect((await forecaster.predict(short, { horizon: 2 })).mean).toEqual(mean.slice(0, 2));
    expect((await forecaster.backtest({ columns })).rmse).toBeLessThan(2);
  });

  test("halve the error where promotions drive the sales, and are kept with the model", async () => {
    const promoted = (row: number) => ((row * 2654435761) >>> 7) % 5 === 0;
    const shop = range(3, (s) => {
      const promotion = range(104, (row) => Number(promoted(row + 37 * s)));
      const sales = range(100, (row) => (50 + 30 * s) * (1 + 0.8 * promotion[row]!) + ((row * 7919) % 13) - 6);
      return { id: `s${s}`, columns: { sales, promotion } };
    });
    const options = {
      ...{ target: "sales", horizon: 4, testRows: 20, model: SMALL },
      difference: "none",
      training: { epochs: 40, learningRate: 0.02 },
    } as const;
    const blind = await (await fitForecaster(shop, options)).backtest(shop);
    const seeing = await fitForecaster(shop, { ...options, knownFuture: ["promotion"] });
    expect((await seeing.backtest(shop)).rmse).toBeLessThan(blind.rmse / 2);
    const restored = getForecaster(await load(await save(seeing.model), { backend: "simd" }));
    expect(restored.reading).toEqual({ columns: ["sales"], knownFuture: ["promotion"], static: [] });
    expect(await restored.predict(shop)).toEqual(await seeing.predict(shop));
    // What is known of a row has no effect on rows before it.
    const [first] = shop;
    const later = { ...first!, columns: { ...first!.columns, promotion: first!.columns.promotion.with(102, 0.5) } };
    const [a, b] = [await seeing.predict(first!), await seeing.predict(later)];
    expect(b.mean.slice(0, 2)).toEqual(a.mean.slice(0, 2));
    expect(b.mean[2]).not.toBe(a.mean[2]);
  });

  test("may be all that there is of a series, which is trained on once there is more", async () => {
    const young = (id: string, rows: number) => ({
      ...{ id },
      columns: { y: wave.slice(0, rows), promotion: range(rows + 2, (row) => row % 2) },
    });
    const all = [young("none", 0), young("few", 4), young("usual", 60), young("other", 50)];
    const options = {
      target: "y",
      knownFuture: ["promotion"],
      horizon: 2,
      testRows: 4,
      season: 6,
      difference: "seasonal",
      model: SMALL,
    } as const;
    const forecaster = await fitForecaster(all, { ...options, training: { epochs: 1 } });
    expect(["none", "few", "usual"].map((id) => forecaster.trainedRows(id))).toEqual([0, 0, 56]);
    expect((await forecaster.backtest(all)).series.map(({ id }) => id)).toEqual(["usual", "other"]);
    const restored = getForecaster(await load(await save(forecaster.model), { backend: "simd" }));
    expect(restored.examples(all)).toHaveLength(forecaster.examples(all.slice(2)).length);
    expect((await forecaster.update([...all.slice(1), young("none", 20)])).trainedRows("none")).toBe(16);
    await expect(fitForecaster(all.slice(0, 2), options)).rejects.toThrow("testRows: 4 rows cannot be held out of 0");
  });

  test("leave nothing to forecast of a series that has ended, nor of one that has hardly begun", async () => {
    const frequency = new Frequency("month", 1, "month");
    const shelf = (id: string, from: number, to: number, known: number): TargetSeries => ({
      ...{ id, frequency },
      columns: { y: wave.slice(from, to), promotion: range(known - from, (row) => row % 2) },
      times: Float64Array.from({ length: known - from }, (_, row) => Date.UTC(2020, from + row, 1)),
    });
    const all = [
      shelf("old", 0, 40, 40),
      shelf("usual", 0, 60, 62),
      shelf("new", 58, 60, 62),
      shelf("planned", 60, 60, 62),
    ];
    const options = {
      target: "y",
      knownFuture: ["promotion"],
      horizon: 2,
      testRows: 2,
      ...fixed,
      model: SMALL,
    } as const;
    const forecaster = await fitForecaster(all, { ...options, training: { epochs: 1 } });
    expect(forecaster.unforecastable(all)).toEqual([
      { id: "old", reason: "it ended at 2023-04, before others, and has no rows to come" },
      { id: "new", reason: "it has 2 rows, and a forecast needs 3" },
      { id: "planned", reason: "it has 0 rows, and a forecast needs 3" },
    ]);
    expect(await forecaster.predict([all[1]!])).toMatchObject([{ id: "usual", dates: ["2025-01", "2025-02"] }]);
    await expect(forecaster.predict(all)).rejects.toThrow('the series "old": to forecast 2 rows, "promotion" must be');
    const unplanned = [all[0]!, shelf("usual", 0, 60, 60), all[3]!];
    expect(forecaster.unforecastable(unplanned).map(({ id }) => id)).toEqual(["old", "planned"]);
    // Others may just not have been planned yet: that is said where it is forecast.
    expect(forecaster.unforecastable([shelf("old", 0, 40, 40)])).toEqual([]);
  });

  test("of the calendar tell weekdays apart", async () => {
    const frequency = new Frequency("millisecond", 86_400_000, "day");
    const times = Float64Array.from({ length: 112 }, (_, day) => Date.UTC(2024, 0, 1 + day));
    const sales = range(112, (day) => (day % 7 > 4 ? 10 : 100) + (((day * day * 7919) % 13) - 6));
    const one = { columns: { sales }, times, frequency };
    const options = {
      ...{ target: "sales", horizon: 7, window: 3, testRows: 14, model: SMALL, ...fixed },
      training: { epochs: 80, learningRate: 0.02 },
    };
    const blind = await (await fitForecaster(one, options)).backtest(one, { stride: 1 });
    const seeing = await fitForecaster(one, { ...options, calendar: true });
    expect(seeing.toJSON().covariates.calendar).toEqual(["weekday", "day"]);
    expect((await seeing.backtest(one, { stride: 1 })).rmse).toBeLessThan(blind.rmse / 3);
    expect((await seeing.predict(one, { horizon: 9 })).mean).toHaveLength(9);
    await expect(seeing.predict({ columns: { sales } })).rejects.toThrow("has no equally spaced dates");
    const yearly = { ...one, frequency: new Frequency("month", 12, "year") };
    await expect(fitForecaster(yearly, { ...options, calendar: true })).rejects.toThrow("1 year apart, do not repeat");
  });

  test("with one value in each series tell series apart", async () => {
    const trend = { north: 2, south: -3, east: 0 } as const;
    const shops = range(9, (s) => {
      const region = (["north", "south", "east"] as const)[s % 3]!;
      // Noise hides the trend: only the region tells it.
      const sales = range(30, (row) => 500 + trend[region] * row + (((row + 31 * s) * 7919) % 41) - 20);
      return { id: `s${s}`, columns: { sales }, statics: { region, size: 10 + s } };
    });
    const options = { target: "sales", horizon: 3, testRows: 3, model: SMALL, training: { epochs: 20 } } as const;
    const forecaster = await fitForecaster(shops, { ...options, static: ["region", "size"] });
    const { statics } = forecaster.toJSON().covariates;
    expect(statics).toEqual([
      { name: "region", categories: ["east", "north", "south"] },
      { name: "size", categories: [] },
    ]);
    const of = async (region: string) =>
      (await forecaster.predict({ ...shops[0]!, statics: { region, size: 12 } })).mean[2]!;
    expect(await of("north")).toBeGreaterThan(await of("south"));
    expect(Number.isFinite(await of("west"))).toBe(true);
    await expect(forecaster.predict({ ...shops[0]!, statics: { region: "north" } })).rejects.toThrow(
      'no static column "size"; those of the series are "region"',
    );
    await expect(forecaster.predict({ ...shops[0]!, statics: { region: "north", size: "x" } })).rejects.toThrow(
      'static column "size": expected a number',
    );
  });

  test("are not known beyond the horizon", async () => {
    const columns = { y: wave, x: wave };
    const options = { target: "y", columns: ["x"], ...fixed, model: SMALL, training: { epochs: 1 } };
    const forecaster = await fitForecaster({ columns }, options);
    await expect(forecaster.predict({ columns }, { horizon: 2 })).rejects.toThrow(/horizon: expected at most 1/);
    await expect(forecaster.predict({ columns: { y: wave, x: [1] } })).rejects.toThrow('"x" has 1 rows, "y" 90');
  });
});

test("one short series among a few does not shorten what is read of all", async () => {
  const all = [series(wave, "a"), series(wave.slice(0, 11), "b"), series(wave.slice(0, 70), "c")];
  const options = {
    target: "y",
    horizon: 4,
    testRows: 4,
    difference: "first",
    transform: "none",
    model: SMALL,
  } as const;
  const forecaster = await fitForecaster(all, { ...options, training: { epochs: 1 } });
  expect(forecaster.encoding.window).toBe(12);
  expect((await forecaster.predict(all)).map(({ mean }) => mean.length)).toEqual([4, 4, 4]);
});

describe("series without anything to learn", () => {
  const forecasterOf = (values: ArrayLike<number>, options = {}) =>
    fitForecaster(series(values), { target: "y", model: SMALL, training: { epochs: 20 }, ...options });

  test("are forecast as their last value, exactly", async () => {
    for (const values of [range(60, () => 5), range(60, (row) => (row === 20 ? 100 : 10))]) {
      const forecaster = await forecasterOf(values);
      expect((await forecaster.predict(series(values))).mean).toEqual([values.at(-1)]);
      expect(await forecaster.backtest(series(values))).toMatchObject({ rmse: 0, advice: undefined });
    }
  });

  test("of counts have no quantiles below 0", async () => {
    const counts = range(60, (row) => ((row * row * 7919) % 11 < 6 ? 0 : (row * 31) % 7));
    const options = { transform: "log1p", difference: "first", quantiles: [0.05, 0.95], horizon: 2 };
    const forecaster = await forecasterOf(counts, options);
    const { mean, quantiles } = await forecaster.predict(series([...counts, 0]));
    for (const value of [...mean, ...quantiles["0.05"]!]) expect(value).toBeGreaterThanOrEqual(0);
    expect(Math.min(...quantiles["0.95"]!)).toBeGreaterThan(0);
  });

  test("may fall below the numbers that have a logarithm", async () => {
    const forecaster = await forecasterOf(
      range(40, (row) => 50 + (row % 3)),
      { transform: "log", difference: "first" },
    );
    expect((await forecaster.predict(series([...range(20, () => 50), 1, -7]))).mean[0]).toBeGreaterThan(0);
    await expect(forecasterOf([...range(20, () => 1), 0, ...range(20, () => 1)], { transform: "log" })).rejects.toThrow(
      /row 20 .*0 has no logarithm: leave `transform` out/,
    );
  });

  test("are refused where they are too short", async () => {
    await expect(forecasterOf([1, 2])).rejects.toThrow(/too few rows/);
  });
});

test("a forecaster learns further from newer rows, and from other series", async () => {
  const values = Array.from(
    { length: 72 },
    (_, i) => 50 + 10 * Math.sin((Math.PI * i) / 3) + (i > 36 ? 3 * Math.cos(i) : 0),
  );
  const options = { target: "y", testRows: 6, difference: "first", transform: "none", scaling: "window" } as const;
  const first = await fitForecaster(series(values.slice(0, 36)), {
    ...options,
    model: SMALL,
    training: { epochs: 10 },
  });
  expect(first.trainedRows(undefined)).toBe(30);
  const before = await first.backtest(series(values), { from: 60 });
  const second = await first.update(series(values), { testRows: 12, training: { epochs: 30, learningRate: 0.02 } });
  expect(second.encoding).toEqual(first.encoding);
  expect(second.trainedRows(undefined)).toBe(60);
  const after = await second.backtest(series(values));
  expect(after.rows).toBe(12);
  expect(after.mae).toBeLessThan(0.9 * before.mae);
  expect(getForecaster(second.model).trainedRows(undefined)).toBe(60);
  const third = second.prepareUpdate([{ ...series(values), id: "another" }], { testFraction: 0.5 }).forecaster;
  expect([third.trainedRows("another"), third.trainedRows(undefined)]).toEqual([36, 60]);
  expect(() => second.prepareUpdate(series(values.slice(0, 2)), { testFraction: 0 })).toThrow(
    "too few rows to learn from",
  );
  expect(() => second.prepareUpdate(series(values), { testRows: -1 })).toThrow("testRows");
});

test("the same seed gives the same forecaster, which its own training run can continue", async () => {
  const options = { target: "y", transform: "none", difference: "first", scaling: "window" } as const;
  const forecasterOf = () => fitForecaster(series(wave), { ...options, model: SMALL, training: { epochs: 3 } });
  const [a, b] = [await forecasterOf(), await forecasterOf()];
  expect(await save(a.model)).toEqual(await save(b.model));
  const whole = await fitForecaster(series(wave), { ...options, model: SMALL, training: { epochs: 5 } });
  await train(a.model, a.examples(series(wave)), { resume: true, epochs: 5 });
  expect(await a.predict(series(wave))).toEqual(await whole.predict(series(wave)));
});
