// Series on which a network has nothing to gain, by defaults alone: their errors beside those of persistence, one row ahead.
// usage: node bench/simple-series.mjs [SEED], on the built library
import { fitForecaster } from "../dist/bundle/forecast.js";

const seed = Number(process.argv[2] ?? 1);
if (!(Number.isInteger(seed) && seed >= 0)) {
  console.error("usage: node bench/simple-series.mjs [SEED]");
  process.exit(2);
}

/** Numbers from 0 to 1, the same in each run. */
function uniforms() {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function walk() {
  const uniform = uniforms();
  let level = 100;
  return Array.from({ length: 200 }, () => {
    level += uniform() + uniform() + uniform() - 1.5;
    return level;
  });
}

/** Sales of a slow product: none in two of three rows. */
function counts() {
  const uniform = uniforms();
  return Array.from({ length: 200 }, () => (uniform() < 2 / 3 ? 0 : 1 + Math.floor(5 * uniform())));
}

const SERIES = {
  "a ramp": Array.from({ length: 100 }, (_, row) => row + 1),
  "a random walk": walk(),
  "a constant": new Array(100).fill(7),
  "one spike": Array.from({ length: 100 }, (_, row) => (row === 50 ? 100 : 10)),
  "counts with many zeros": counts(),
};

/** An error beside another, where both may be nothing. */
const ratio = (error, other) => (error === 0 && other === 0 ? 1 : error / other);

let largest = 0;
for (const [name, y] of Object.entries(SERIES)) {
  const series = { columns: { y } };
  const forecaster = await fitForecaster(series, { target: "y", model: { seed } });
  // The report may say itself that persistence is better.
  const { rmse, naive, advice } = await forecaster.backtest(series);
  const persistence = naive.find((one) => one.name === "persistence").rmse;
  if (!advice?.startsWith("the persistence forecast")) largest = Math.max(largest, ratio(rmse, persistence));
  console.log(
    `${name.padEnd(22)} RMSE ${rmse.toFixed(3)}, persistence ${persistence.toFixed(3)}${advice ? `; advice: ${advice}` : ""}`,
  );
  forecaster.model.free();
}
console.log(`at most ${largest.toFixed(3)} times persistence's, unless it is advised`);
