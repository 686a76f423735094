import { expect, test } from "vitest";
import { InputError, OptionError } from "../internals/common.js";
import {
  mae,
  persistence,
  rmse,
  SCALINGS,
  type SeriesOptions,
  SeriesTransform,
  seasonalNaive,
  settleSeries,
  trainingRowsOf,
  windowsOf,
} from "../internals/series.js";

/**
 * A round trip passes through float32, which rounds by 6e-8; logarithms, differences and scales multiply that a little.
 * With a logarithm it is relative to the value, else to the column's largest, which is what was rounded.
 */
const ROUND_TRIP = 1e-6;

const X = Float64Array.of(112, 118, 132, 129, 121, 135, 148, 148, 136, 119);
const Y = Float64Array.of(0.5, 0.25, 4, 3, 0.1, 2, 1, 8, 0.3, 0.7);

/** A transform of one column, fitted on all of it. */
const fitOne = (values: number[], options: Partial<SeriesOptions> = {}) =>
  SeriesTransform.fit([Float64Array.from(values)], values.length, {
    columns: ["x"],
    target: "x",
    window: 2,
    ...options,
  });
const applyOne = (values: number[], options: Partial<SeriesOptions> = {}) =>
  Array.from(fitOne(values, options).transform([Float64Array.from(values)])[0]!);

const combinations = SCALINGS.flatMap((scaling) =>
  [false, true].flatMap((logarithm) => [false, true].map((difference) => ({ scaling, logarithm, difference }))),
);

test.each(combinations)("inverting the transform restores every row: %o", (how) => {
  const transform = SeriesTransform.fit([X, Y], 7, { columns: ["x", "y"], target: "x", window: 2, ...how });
  const restored = SeriesTransform.fromJSON(JSON.parse(JSON.stringify(transform.toJSON())));
  const scaled = transform.transform([X, Y]);
  expect(restored.transform([X, Y])).toEqual(scaled);
  expect(scaled.map(({ length }) => length)).toEqual([10 - transform.offset, 10 - transform.offset]);
  for (let row = 1; row < X.length; row++) {
    const next = scaled.map((column) => column[row - transform.offset]!);
    const inverted = restored.inverseTransform(next, [X[row - 1]!, Y[row - 1]!]);
    for (const [c, column] of [X, Y].entries()) {
      const unit = how.logarithm ? column[row]! : Math.max(...column);
      expect(Math.abs(inverted[c]! - column[row]!) / unit).toBeLessThan(ROUND_TRIP);
    }
  }
});

test.each([false, true])("negative values are restored without a logarithm, difference: %s", (difference) => {
  const values = [-5, 3, -1, 0, 7];
  const transform = fitOne(values, { difference });
  const scaled = transform.transform([Float64Array.from(values)])[0]!;
  for (let row = 1; row < values.length; row++) {
    const [next] = transform.inverseTransform([scaled[row - transform.offset]!], [values[row - 1]!]);
    expect(Math.abs(next! - values[row]!)).toBeLessThan(ROUND_TRIP * 7);
  }
});

test.each([
  ["the population's standard deviation", [1, 3], {}, [-1, 1]],
  ["the range from 0 to 1", [2, 6, 3], { scaling: "min-max" }, [0, 1, 0.25]],
  ["nothing", [2, 6, 3], { scaling: "none" }, [2, 6, 3]],
  ["logarithms", [1, Math.E], { scaling: "none", logarithm: true }, [0, 1]],
  ["steps, one fewer than rows", [2, 6, 3], { scaling: "none", difference: true }, [4, -3]],
  ["steps of logarithms", [1, Math.E, 1], { scaling: "none", logarithm: true, difference: true }, [1, -1]],
] satisfies [string, number[], Partial<SeriesOptions>, number[]][])("%s", (_, values, options, scaled) => {
  expect(applyOne(values, options)).toEqual(scaled);
});

// 0.1 + 0.2 and its like: the mean of such values and the steps between them are not exact.
test.each([
  ["a constant column", [0.1, 0.1, 0.1], {}],
  ["a constant column by its range", [7, 7, 7], { scaling: "min-max" }],
  ["a single row", [7], {}],
  ["equal steps", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], { difference: true }],
  ["equal growth", [1, 1.1, 1.21, 1.331, 1.4641], { difference: true, logarithm: true, scaling: "min-max" }],
  ["zeros", [0, 0, 0], {}],
  ["the smallest numbers that there are", [0, Number.MIN_VALUE], {}],
] satisfies [string, number[], Partial<SeriesOptions>][])("%s keeps a scale of 1", (_, values, options) => {
  const { scales } = fitOne(values, options).toJSON();
  expect(scales).toEqual([1]);
  for (const value of applyOne(values, options)) expect(Math.abs(value)).toBeLessThan(1e-15);
});

test.each([1e-300, 1e-10, 1e10, 1e307])("columns in units of %d are scaled like any other", (unit) => {
  const scaled = applyOne([1 * unit, 2 * unit, 3 * unit]);
  for (const [i, value] of [-Math.sqrt(1.5), 0, Math.sqrt(1.5)].entries()) expect(scaled[i]).toBeCloseTo(value, 6);
});

test.each(combinations)("rows after the training rows do not affect the fit: %o", (how) => {
  const options = { columns: ["x"], target: "x", window: 2, ...how };
  const changed = X.slice();
  changed.fill(-1e6, 7);
  changed[9] = Number.NaN;
  expect(SeriesTransform.fit([changed], 7, options).toJSON()).toEqual(SeriesTransform.fit([X], 7, options).toJSON());
});

test("the target is added to the columns that the model reads", () => {
  expect(settleSeries({ columns: ["a", "b"], target: "y", window: 3 })).toEqual({
    columns: ["a", "b", "y"],
    target: "y",
    window: 3,
    scaling: "standard",
    logarithm: false,
    difference: false,
    testFraction: 0.2,
    testRows: 0,
  });
  expect(settleSeries({ columns: ["y", "b"], target: "y", window: 3 }).columns).toEqual(["y", "b"]);
});

test.each([
  { target: "" },
  { columns: ["x", "x"] },
  { columns: [1] },
  { columns: "x" },
  { window: 0 },
  { window: 1.5 },
  { scaling: "robust" },
  { logarithm: "yes" },
  { difference: 1 },
  { testFraction: 1 },
  { testFraction: Number.NaN },
])("the option %o is refused", (option) => {
  const options = { columns: ["x"], target: "x", window: 2, ...option } as SeriesOptions;
  expect(() => settleSeries(options)).toThrow(OptionError);
  expect(() => settleSeries(options)).toThrow(Object.keys(option)[0]);
});

test.each([
  [
    "zero",
    [1, 2, 0],
    { logarithm: true },
    'column "x", row 2 (counted from 0): the logarithm needs a number above 0, got 0',
  ],
  [
    "a negative number",
    [-1, 2],
    { logarithm: true },
    "row 0 (counted from 0): the logarithm needs a number above 0, got -1",
  ],
  [
    "what is not a number",
    [1, Number.NaN],
    {},
    'column "x", row 1 (counted from 0): expected a finite number, got NaN',
  ],
  [
    "values a float64 apart",
    [-1.7e308, 1.7e308],
    {},
    'column "x": values from -1.7e+308 to 1.7e+308 are too far apart',
  ],
  ["no row", [], {}, 'column "x": too few rows: need at least 1, got 0'],
  ["one row for differences", [1], { difference: true }, "need at least 2 to take differences, got 1"],
] satisfies [string, number[], Partial<SeriesOptions>, string][])("%s is refused", (_, values, options, message) => {
  expect(() => fitOne(values, options)).toThrow(InputError);
  expect(() => fitOne(values, options)).toThrow(message);
});

test("rows that cannot be transformed are rejected with their place", () => {
  const steps = fitOne([1, 2, 4], { logarithm: true, difference: true });
  expect(() => steps.transform([Float64Array.of(1, 2, 3, 0)])).toThrow("row 3 (counted from 0): the logarithm");
  const raw = fitOne([1, 2, 4], { scaling: "none", difference: true });
  expect(() => raw.transform([Float64Array.of(1, 2, 1e39)])).toThrow(
    'column "x", row 2 (counted from 0): 1e+39 is too large',
  );
  expect(() => raw.transform([Float64Array.of(1), Float64Array.of(1)])).toThrow("expected 1 columns (x), got 2");
  expect(() => raw.inverseTransform([1, 2], [1])).toThrow(InputError);
  expect(() => steps.inverseTransform([1], [0])).toThrow('column "x": the previous value, 0, has no logarithm');
});

test("columns of different lengths and more training rows than rows are rejected", () => {
  const options = { columns: ["x", "y"], target: "x", window: 2 };
  expect(() => SeriesTransform.fit([X, Y.subarray(1)], 7, options)).toThrow('column "y" has 9 rows, column "x" has 10');
  expect(() => SeriesTransform.fit([X, Y], 11, options)).toThrow(OptionError);
});

test.each([
  ["nothing", undefined],
  ["a list", []],
  ["no scaling", { scaling: undefined }],
  ["an unknown scaling", { scaling: "robust" }],
  ["a window of none", { window: 0 }],
  ["no columns", { columns: null }],
  ["a target that is no column", { target: "y", shifts: [0, 0], scales: [1, 1] }],
  ["a flag that is text", { difference: "false" }],
  ["no shifts", { shifts: undefined }],
  ["a shift that is not finite", { shifts: [Number.POSITIVE_INFINITY] }],
  ["a shift that is null, as JSON has NaN", { shifts: [null] }],
  ["a scale of zero", { scales: [0] }],
  ["a negative scale", { scales: [-1] }],
  ["a scale too many", { scales: [1, 1] }],
  ["scales without scaling", { scaling: "none" }],
])("a description with %s is refused", (_, change) => {
  const whole = fitOne([1, 2, 4]).toJSON();
  const description = change === undefined || Array.isArray(change) ? change : { ...whole, ...change };
  expect(() => SeriesTransform.fromJSON(description)).toThrow(InputError);
});

test("windows are row-major by time, and the row after them is the target", () => {
  const scaled = [Float32Array.of(0, 1, 2, 3), Float32Array.of(10, 11, 12, 13)];
  expect(windowsOf(scaled, 2, 0, 4)).toEqual([
    { row: 2, inputs: Float32Array.of(0, 10, 1, 11), targets: Float32Array.of(2, 12) },
    { row: 3, inputs: Float32Array.of(1, 11, 2, 12), targets: Float32Array.of(3, 13) },
  ]);
});

test("windows of held-out rows reach back into the training rows, and training ends before them", () => {
  const scaled = [Float32Array.of(0, 1, 2, 3, 4, 5)];
  expect(windowsOf(scaled, 2, 4, 6).map(({ row, inputs }) => [row, ...inputs])).toEqual([
    [4, 2, 3],
    [5, 3, 4],
  ]);
  expect(windowsOf(scaled, 2, 0, 4).map(({ row }) => row)).toEqual([2, 3]);
  expect(windowsOf(scaled, 2, 6, 6)).toEqual([]);
});

test("with differences, rows still refer to the original table", () => {
  const values = [1, 2, 4, 8, 16];
  const transform = fitOne(values, { scaling: "none", difference: true });
  const examples = windowsOf(transform.transform([Float64Array.from(values)]), 2, 0, 5, transform.offset);
  expect(examples.map(({ row, inputs, targets }) => [row, ...inputs, ...targets])).toEqual([
    [3, 1, 2, 4],
    [4, 2, 4, 8],
  ]);
  for (const { row, targets } of examples)
    expect(transform.inverseTransform(targets, [values[row - 1]!])).toEqual([values[row]]);
});

test.each([
  [0, 4, "a window of 4 with the row after it needs at least 5 rows, got 4"],
  [0, 0, "needs at least 5 rows, got 0"],
  [1, 5, "and the row before it to take differences from needs at least 6 rows, got 5"],
])("with offset %i, too few rows are rejected", (offset, to, message) => {
  const scaled = [new Float32Array(8)];
  expect(() => windowsOf(scaled, 4, 0, to, offset)).toThrow(InputError);
  expect(() => windowsOf(scaled, 4, 0, to, offset)).toThrow(message);
});

test("rows out of range are rejected", () => {
  const scaled = [new Float32Array(8)];
  expect(() => windowsOf(scaled, 2, 0, 9)).toThrow(OptionError);
  expect(() => windowsOf(scaled, 2, 5, 4)).toThrow(OptionError);
  expect(() => windowsOf(scaled, 0, 0, 8)).toThrow(OptionError);
});

test.each([
  [144, 1 / 3, 0, 96],
  [100, 0.29, 0, 71],
  [10, 0, 0, 10],
  [10, 0.04, 0, 10],
  [10, 0.2, 3, 7],
])(
  "of %i rows with a test fraction of %d, or %i test rows, %i are for training",
  (rows, testFraction, testRows, expected) => {
    expect(trainingRowsOf(rows, { testFraction, testRows })).toBe(expected);
    expect(() => trainingRowsOf(3, { testFraction, testRows: 3 })).toThrow(InputError);
  },
);

test("naive forecasts are the row, or the season, before", () => {
  const values = [1, 2, 3, 5, 8];
  expect(persistence(values, 3)).toEqual([3, 5]);
  expect(seasonalNaive(values, 3, 2)).toEqual([2, 3]);
  expect(seasonalNaive(values, 5, 5)).toEqual([]);
  expect(() => persistence(values, 0)).toThrow(OptionError);
  expect(() => persistence(values, 6)).toThrow(OptionError);
  expect(() => seasonalNaive(values, 3, 4)).toThrow("season: expected an integer from 1 to 3, got 4");
});

test("errors are in the unit of the values", () => {
  expect(rmse([1, 2], [4, 6])).toBe(Math.sqrt(12.5));
  expect(mae([1, 2], [4, -2])).toBe(3.5);
  expect(() => rmse([], [])).toThrow(InputError);
  expect(() => mae([1, 2], [1])).toThrow(InputError);
});
