// A time series: monthly airline passengers, 1949 to 1960, in thousands (Box and Jenkins 1976). An LSTM reads windows
// of twelve months and predicts the next one; the last third of the rows is held out for testing.
//
//   npm run build && node examples/series.mjs [seeds=5]
import { readFileSync } from "node:fs";
import { train } from "lstm-wasm";
import { backtest, createForecaster, forecast, prepareSeries, readCsv } from "lstm-wasm/forecast";

const file = new URL("airline-passengers.csv", import.meta.url);
const { series: months } = readCsv(readFileSync(file, "utf8"), { columns: ["passengers"] });
const table = months[0].columns;

// Trend and seasonality are multiplicative, so the model reads differences of logarithms. Fitted to the first 96 rows
// only.
const series = prepareSeries(table, {
  columns: ["passengers"],
  target: "passengers",
  window: 12,
  logarithm: true,
  difference: true,
  testFraction: 0.33,
});

const SEEDS = Number(process.argv[2] ?? 5);
const errors = [];
for (let seed = 1; seed <= SEEDS; seed++) {
  const model = await createForecaster(series, { hiddenSize: 32, seed });
  for await (const { epoch, trainLoss } of train(model, series.examples, { epochs: 200, learningRate: 0.005 }))
    if (seed === 1 && epoch % 50 === 0) console.log(`epoch ${epoch}: loss ${trainLoss.toFixed(4)}`);
  const { actual, rmse, persistenceRmse, seasonalNaiveRmse } = backtest(model, table, 12);
  errors.push(rmse);
  if (seed > 1) continue;
  console.log(`one month ahead, on the last ${actual.length} months, root mean squared error:`);
  console.log(
    `  this model ${rmse.toFixed(1)}, persistence ${persistenceRmse.toFixed(1)}, seasonal naive ${seasonalNaiveRmse.toFixed(1)}`,
  );
  const future = forecast(model, table, 24).passengers;
  console.log("1961:", ...future.slice(0, 12).map(Math.round));
  console.log("1962:", ...future.slice(12).map(Math.round));
}
errors.sort((a, b) => a - b);
console.log(`median over ${SEEDS} seeds: ${errors[Math.floor(SEEDS / 2)].toFixed(1)}`);
