import { describe, expect, test } from "vitest";
import {
  backtest,
  createForecaster,
  createModel,
  forecast,
  InputError,
  OptionError,
  prepareSeries,
  train,
} from "../../src/index.js";

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
    const { rmse, persistenceRmse, actual, from } = backtest(model, { x: table.x });
    expect({ from, rows: actual.length, persistenceRmse }).toEqual({ from: 48, rows: 12, persistenceRmse: 1 });
    expect(rmse).toBeLessThan(0.2);
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
