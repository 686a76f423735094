// How often intervals of 80 % cover what came, over rolling origins: on airline passengers, on two series made here, and on
// the M1 competition's yearly series if their file is given.
//
//   node examples/intervals.mjs [--loss pinball] [--seeds 3] [m1_yearly.tsf]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fitForecaster, readCsv, readTsf } from "lstm-wasm/forecast";

const { values, positionals } = parseArgs({
  options: { loss: { type: "string", default: "huber" }, seeds: { type: "string", default: "3" } },
  allowPositionals: true,
});

/** Normal numbers, the same in each run (Box and Muller; mulberry32). */
function normals(seed) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A sine of 12 rows in noise of constant spread. */
function sine(rows) {
  const noise = normals(1);
  return Array.from({ length: rows }, (_, row) => 50 + 10 * Math.sin((Math.PI * row) / 6) + 2 * noise());
}

/** An autoregression whose noise grows fivefold, and starts anew every 100 rows. */
function restless(rows) {
  const noise = normals(2);
  const all = [0];
  for (let row = 1; row < rows; row++) all.push(0.7 * all[row - 1] + (1 + (4 * (row % 100)) / 100) * noise());
  return all.map((value) => 100 + value);
}

const table = (y) => ({ columns: { y } });
const airline = readCsv(readFileSync(new URL("airline-passengers.csv", import.meta.url), "utf8"), {
  columns: ["passengers"],
}).series[0];
const [m1] = positionals;
const cases = [
  ["airline, 1 ahead", airline, { target: "passengers", season: 12, testRows: 48 }],
  ["airline, 12 ahead", airline, { target: "passengers", season: 12, testRows: 59, horizon: 12 }],
  ["sine in noise, 6 ahead", table(sine(400)), { target: "y", season: 12, testRows: 105, horizon: 6 }],
  ["changing variance, 3 ahead", table(restless(600)), { target: "y", testRows: 152, horizon: 3 }],
  ...(m1 === undefined
    ? []
    : [["M1 yearly, 6 ahead", readTsf(readFileSync(m1, "utf8")).series, { target: "value", testRows: 6, horizon: 6 }]]),
];

console.log(`${"80 % intervals".padEnd(28)} seed  cover  pinball  width  by rows ahead`);
for (const [name, series, options] of cases)
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const model = { seed, loss: values.loss };
    const forecaster = await fitForecaster(series, { ...options, quantiles: [0.1, 0.5, 0.9], model });
    // Of each series, all origins with as many rows behind them.
    const { horizon = 1, testRows } = options;
    const { intervals, steps } = await forecaster.backtest(series, { origins: testRows - horizon + 1 });
    const figures = [
      intervals.coverage[0.8].toFixed(2),
      intervals.pinball.toPrecision(3),
      intervals.width[0.8].toPrecision(3),
    ];
    const ahead = steps.map(({ intervals }) => intervals?.coverage[0.8].toFixed(2)).join(" ");
    console.log(
      `${name.padEnd(28)} ${String(seed).padStart(4)}  ${figures[0]}  ${figures[1].padStart(7)}  ${figures[2].padStart(5)}  ${ahead}`,
    );
  }
