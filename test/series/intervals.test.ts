import { describe, expect, test } from "vitest";
import { fitForecaster, getForecaster } from "../../src/forecast.js";
import { load, save } from "../../src/index.js";
import { Random } from "../internals/common.js";
import { normals } from "../kernels/tensors.js";

// 80 % intervals are to cover 75 to 85 % of what comes. `node examples/intervals.mjs` has the larger sets.

const noise = (seed: number, rows: number) => Array.from(normals(new Random(seed), rows));
/** A sine of 12 rows in noise of constant spread. */
const sine = (seed: number) => noise(seed, 400).map((e, row) => 50 + 10 * Math.sin((Math.PI * row) / 6) + 2 * e);
/** An autoregression whose noise grows fivefold, and starts anew every 100 rows. */
const restless = (seed: number) => {
  const values = noise(seed, 600);
  for (let row = 1; row < values.length; row++)
    values[row] = 0.7 * values[row - 1]! + (1 + (4 * (row % 100)) / 100) * values[row]!;
  return values;
};
/** A hundred short random walks. */
const panel = Array.from({ length: 100 }, (_, s) => {
  const steps = normals(new Random(s + 1), 40);
  const walk = [100];
  for (let row = 1; row < 40; row++) walk.push(walk[row - 1]! + steps[row]!);
  return { id: `s${s}`, columns: { y: walk } };
});

const settled = { transform: "none", scaling: "standard", quantiles: [0.1, 0.5, 0.9] } as const;
const model = { hiddenSize: 8, backend: "simd" } as const;
const training = { epochs: 20, learningRate: 0.01 };

const isRight = (coverage: number) => coverage >= 0.75 && coverage <= 0.85;

describe("80 % intervals", () => {
  const options = { target: "y", model, training, ...settled };

  test.each([
    ["a sine in noise", sine, { difference: "seasonal", season: 12, horizon: 3, testRows: 102 }],
    ["a changing variance", restless, { difference: "none", horizon: 2, testRows: 151 }],
  ] as const)("%s", async (_, draw, more) => {
    let covered = 0;
    // One draw says little: a quiet end is covered too well.
    for (const seed of [1, 2, 3]) {
      const series = { columns: { y: draw(seed) } };
      const forecaster = await fitForecaster(series, { ...options, ...more });
      const { intervals, rows } = await forecaster.backtest(series, { origins: 100 });
      expect(rows).toBe(100 * more.horizon);
      covered += intervals!.coverage["0.8"]! / 3;
    }
    expect(covered).toSatisfy(isRight);
  });

  test.each(["huber", "pinball"] as const)("many series, with the loss %s", async (loss) => {
    const more = { difference: "first", scaling: "window", horizon: 4, testRows: 4, training: { epochs: 3 } } as const;
    const forecaster = await fitForecaster(panel, { ...options, ...more, model: { ...model, loss } });
    expect(forecaster.model.config.quantiles).toEqual(loss === "pinball" ? settled.quantiles : []);
    const { intervals, steps } = await forecaster.backtest(panel);
    expect(steps.map(({ rows }) => rows)).toEqual([100, 100, 100, 100]);
    expect(intervals!.coverage["0.8"]).toSatisfy(isRight);
    for (const { quantiles } of await forecaster.predict(panel))
      for (const [i, low] of quantiles["0.1"]!.entries()) {
        expect(quantiles["0.5"]![i]).toBeGreaterThanOrEqual(low);
        expect(quantiles["0.9"]![i]).toBeGreaterThanOrEqual(quantiles["0.5"]![i]!);
      }
    const restored = getForecaster(await load(await save(forecaster.model), { backend: "simd" }));
    expect(await restored.predict(panel)).toEqual(await forecaster.predict(panel));
  });

  test("are not trained without quantiles", async () => {
    const wrong = { ...options, quantiles: [], model: { ...model, loss: "pinball" } } as const;
    await expect(fitForecaster(panel, wrong)).rejects.toThrow("loss: expected mse or huber without `quantiles`");
  });
});
