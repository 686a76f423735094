// A time series: monthly airline passengers, 1949 to 1960, in thousands (Box and Jenkins 1976). An LSTM reads windows of
// twelve months and foretells the next; the last third of the rows is held out to see how well.
//
//   npm run build && node examples/series.mjs
import { backtest, createForecaster, forecast, prepareSeries, train } from "lstm-wasm";

// biome-ignore format: a year a line
const passengers = [
  112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
  115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
  145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
  171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
  196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
  204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
  242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
  284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306,
  315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336,
  340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
  360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405,
  417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
];
const table = { passengers };

// Growth and season multiply, so the model reads differences of logarithms. Fitted on the first 96 rows alone.
const series = prepareSeries(table, {
  columns: ["passengers"],
  target: "passengers",
  window: 12,
  logarithm: true,
  difference: true,
  testFraction: 0.33,
});

const errors = [];
for (const seed of [1, 2, 3, 4, 5]) {
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
console.log(`median over five seeds: ${errors[2].toFixed(1)}`);
