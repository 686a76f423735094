import { describe, expect, test } from "vitest";
import { backtest, createForecaster, forecast, prepareSeries } from "../../src/forecast.js";
import { createModel, InputError, load, OptionError, save, train } from "../../src/index.js";
import { rmse } from "../internals/series.js";

const rows = Array.from({ length: 60 }, (_, row) => row);
const table = { x: rows.map((row) => 50 + row), y: Float64Array.from(rows, (row) => Math.sin(row)) };
const options = { columns: ["x", "y"], target: "x", window: 5 };

describe("a forecast", () => {
  test("of a straight line continues it", async () => {
    const series = prepareSeries({ x: table.x }, { columns: ["x"], target: "x", window: 5, difference: true });
    const model = await createForecaster(series, { hiddenSize: 4 });
    for await (const _ of train(model, series.examples, { epochs: 40, learningRate: 0.02 }));
    const { x } = forecast(model, { x: table.x }, 5);
    for (const [i, value] of x!.entries()) expect(Math.abs(value - (110 + i))).toBeLessThan(0.5);
    const { rmse: error, persistenceRmse, actual, from } = backtest(model, { x: table.x });
    expect({ from, rows: actual.length, persistenceRmse }).toEqual({ from: 48, rows: 12, persistenceRmse: 1 });
    expect(error).toBeLessThan(0.2);
  });

  test("gives every column", async () => {
    const series = prepareSeries(table, options);
    const model = await createForecaster(series, { hiddenSize: 4 });
    const future = forecast(model, table, 3);
    expect(Object.entries(future).map(([name, values]) => [name, values.length])).toEqual([
      ["x", 3],
      ["y", 3],
    ]);
  });
});

describe("rejects", () => {
  test("a table with a missing column, or columns of unequal length", async () => {
    const series = prepareSeries(table, options);
    const model = await createForecaster(series, { hiddenSize: 4 });
    expect(() => forecast(model, { x: table.x }, 1)).toThrow('no column "y"; the columns are x');
    const uneven = { ...table, x: table.x.slice(0, 40) };
    expect(() => forecast(model, uneven, 1)).toThrow("columns differ in length: x has 40 rows, y 60");
    expect(() => prepareSeries(uneven, options)).toThrow(InputError);
    expect(() => backtest(model, uneven)).toThrow(InputError);
  });

  test("a forecast that is no longer finite", async () => {
    const growing = { x: rows.map((row) => Math.exp(0.7 * row)) };
    const series = prepareSeries(growing, {
      columns: ["x"],
      target: "x",
      window: 5,
      logarithm: true,
      difference: true,
    });
    const model = await createForecaster(series, { hiddenSize: 4 });
    for await (const _ of train(model, series.examples, { epochs: 5 }));
    expect(() => forecast(model, growing, 3000)).toThrow(/is no longer finite at step \d+/);
  });

  test("an unsuitable loss or shape", async () => {
    const series = prepareSeries(table, options);
    await expect(createForecaster(series, { loss: "cross-entropy" })).rejects.toThrow(OptionError);
    await expect(createModel({ inputSize: 2, classes: ["a", "b"], loss: "huber" })).rejects.toThrow(OptionError);
  });
});

describe("what a table holds that is no number is refused, with its place", () => {
  test.each<[string, unknown, string]>([
    ["null", null, "null"],
    ["an empty text", "", '""'],
    ["true", true, "true"],
    ["digits", "12", '"12"'],
    ["a date", new Date(0), "an object"],
    ["a list", [1], "an array"],
    ["nothing", undefined, "undefined"],
    ["a bigint", 1n, "1n"],
  ])("%s", async (_, value, shown) => {
    const model = await createForecaster(prepareSeries(table, options), { hiddenSize: 4 });
    const bad = { ...table, x: table.x.map((x, row) => (row === 57 ? value : x)) as number[] };
    const message = `column "x", row 57 (counted from 0): expected a number, got ${shown}`;
    expect(() => prepareSeries(bad, options)).toThrow(message);
    expect(() => forecast(model, bad, 1)).toThrow(message);
    expect(() => backtest(model, bad)).toThrow(message);
  });

  test("a text in place of a column", () => {
    expect(() => prepareSeries({ ...table, x: "123" } as never, options)).toThrow('column "x": expected an array');
  });
});

describe("a backtest", () => {
  const wave = Array.from({ length: 200 }, (_, i) => Math.sin(i * i));
  const series = prepareSeries({ wave }, { columns: ["wave"], target: "wave", window: 12 });

  test("predicts the rows that the model was not prepared with, in the same table or a longer one", async () => {
    const model = await createForecaster(series, { hiddenSize: 4 });
    expect(backtest(model, { wave }).from).toBe(160);
    const longer = [...wave, 1, 2, 3];
    expect(backtest(model, { wave: longer }, { season: 7 })).toMatchObject({ from: 160, actual: longer.slice(160) });
    const loaded = await load(save(model));
    expect(backtest(loaded, { wave: longer }, 7).seasonalNaiveRmse).toBeGreaterThan(0);
  });

  test("of another table asks from where on", async () => {
    const model = await createForecaster(series, { hiddenSize: 4 });
    for (const other of [wave.slice(0, 150), wave.slice(1), wave.map((x, i) => (i === 3 ? 0 : x))])
      expect(() => backtest(model, { wave: other })).toThrow("pass the first row to predict as `from`");
    expect(backtest(model, { wave: wave.slice(0, 150) }, { from: 140 })).toMatchObject({
      from: 140,
      actual: wave.slice(140, 150),
    });
    expect(backtest(model, { wave: wave.slice(0, 150) }, { from: 0 }).from).toBe(12);
    for (const from of [150, -1, "3"])
      expect(() => backtest(model, { wave: wave.slice(0, 150) }, { from: from as number })).toThrow(OptionError);
  });
});

test("the root of a mean square is finite where the squares are not", () => {
  expect(rmse([3e200, 0], [0, 4e200])).toBeCloseTo(Math.sqrt(12.5) * 1e200, -187);
  expect(rmse([1e-200], [0])).toBe(1e-200);
  expect(rmse([1, 2], [1, 2])).toBe(0);
});
