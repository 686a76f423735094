// How often intervals of 80 % cover what came, over rolling origins: on airline passengers, on two series that each seed makes anew,
// and on the M1 competition's yearly series. The standard error says how far from 0.8 chance alone may take that.
//
//   node examples/intervals.mjs [--loss pinball] [--seeds 3 | --seed 1] [airline | airline-12 | sine | restless | m1_yearly.tsf …]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fitForecaster, readCsv, readTsf } from "lstm-wasm/forecast";

const { values, positionals } = parseArgs({
  options: {
    loss: { type: "string", default: "huber" },
    seeds: { type: "string", default: "3" },
    seed: { type: "string" },
  },
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
function sine(seed) {
  const noise = normals(seed);
  return Array.from({ length: 400 }, (_, row) => 50 + 10 * Math.sin((Math.PI * row) / 6) + 2 * noise());
}

/** An autoregression whose noise grows fivefold, and starts anew every 100 rows. */
function restless(seed) {
  const noise = normals(1000 + seed);
  const all = [0];
  for (let row = 1; row < 600; row++) all.push(0.7 * all[row - 1] + (1 + (4 * (row % 100)) / 100) * noise());
  return all.map((value) => 100 + value);
}

const table = (y) => ({ columns: { y } });
const airline = () =>
  readCsv(readFileSync(new URL("airline-passengers.csv", import.meta.url), "utf8"), { columns: ["passengers"] })
    .series[0];
const monthly = { target: "passengers", season: 12 };

const CASES = {
  airline: ["airline, 1 ahead", airline, { ...monthly, testRows: 48 }],
  "airline-12": ["airline, 12 ahead", airline, { ...monthly, testRows: 59, horizon: 12 }],
  sine: ["sine in noise, 6 ahead", (seed) => table(sine(seed)), { target: "y", season: 12, testRows: 105, horizon: 6 }],
  restless: ["changing variance, 3 ahead", (seed) => table(restless(seed)), { target: "y", testRows: 152, horizon: 3 }],
};
const tsf = (file) => [
  `${file.replace(/^.*[/\\]/, "")}, 6 ahead`,
  () => readTsf(readFileSync(file, "utf8")).series,
  { target: "value", testRows: 6, horizon: 6 },
];

const seeds = values.seed ? [Number(values.seed)] : Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
console.log(`${"80 % intervals".padEnd(28)} seed  cover          pinball  width  by rows ahead`);
for (const name of positionals.length > 0 ? positionals : Object.keys(CASES)) {
  const [title, seriesFor, options] = CASES[name] ?? tsf(name);
  for (const seed of seeds) {
    const series = seriesFor(seed);
    const model = { seed, loss: values.loss };
    const forecaster = await fitForecaster(series, { ...options, quantiles: [0.1, 0.5, 0.9], model });
    // Of each series, all origins with as many rows behind them.
    const { horizon = 1, testRows } = options;
    const { intervals, steps } = await forecaster.backtest(series, { origins: testRows - horizon + 1 });
    const cover = `${intervals.coverage[0.8].toFixed(3)} ± ${intervals.coverageError[0.8].toFixed(3)}`;
    const loss = intervals.pinball.toPrecision(3).padStart(7);
    const width = intervals.width[0.8].toPrecision(3).padStart(5);
    const ahead = steps.map(({ intervals }) => intervals.coverage[0.8].toFixed(2)).join(" ");
    console.log(`${title.padEnd(28)} ${String(seed).padStart(4)}  ${cover}  ${loss}  ${width}  ${ahead}`);
  }
}
