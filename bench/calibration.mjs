// How often calibrated intervals of 80 % hold what comes, where nothing is left to chance but the rows themselves: processes whose best
// forecast is known, in place of a network; validation parts as those of the trials; a thousand draws of each.
// Then how far the share of a single series is from that, over so many origins in a row, whose rows calibrate too once they have come.
// usage: node bench/calibration.mjs [DRAWS], on the built library
import { conformalOffsets, spreadsOf, widenings } from "../dist/series/conformal.js";
import { cutParts, FOLDS } from "../dist/series/folds.js";

const draws = Number(process.argv[2] ?? 1000);
if (!(Number.isInteger(draws) && draws > 0)) {
  console.error("usage: node bench/calibration.mjs [DRAWS]");
  process.exit(2);
}

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

/** Rows before the first that is used. */
const BURN = 60;

/** An autoregression of one row. @param innovation draws what is new in a row */
const autoregression = (factor, innovation) => (rows, normal) => {
  const draw = innovation(normal);
  const values = [0];
  for (let row = 1; row < rows + BURN; row++) values.push(factor * values[row - 1] + draw());
  const kept = values.slice(BURN);
  const forecast = (origin, horizon) => Array.from({ length: horizon }, (_, i) => kept[origin] * factor ** (i + 1));
  return { values: kept, forecast };
};

const usual = (normal) => normal;
/** Student's t with three degrees of freedom. */
const heavy = (normal) => () => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3);
/** Bollerslev's GARCH(1, 1). */
const restless = (normal) => {
  let [variance, last] = [1, 0];
  return () => {
    variance = 0.1 + 0.2 * last * last + 0.7 * variance;
    last = Math.sqrt(variance) * normal();
    return last;
  };
};

/** Box and Jenkins' model of the airline series: changes, seasonal changes, and moving averages of both. */
function airline(rows, normal) {
  const errors = Array.from({ length: rows + BURN }, normal);
  const at = (list, row) => list[row] ?? 0;
  const expected = (values, known, row) =>
    at(values, row - 1) +
    at(values, row - 12) -
    at(values, row - 13) -
    0.4 * at(known, row - 1) -
    0.6 * at(known, row - 12) +
    0.24 * at(known, row - 13);
  const values = [];
  for (let row = 0; row < rows + BURN; row++) values.push(expected(values, errors, row) + errors[row]);
  const forecast = (origin, horizon) => {
    const start = origin + BURN + 1;
    const [past, known] = [values.slice(0, start), errors.slice(0, start)];
    for (let row = start; row < start + horizon; row++) {
      past.push(expected(past, known, row));
      known.push(0);
    }
    return past.slice(start);
  };
  return { values: values.slice(BURN), forecast };
}

const PROCESSES = {
  "white noise": autoregression(0, usual),
  "autoregression, 0.8": autoregression(0.8, usual),
  "random walk": autoregression(1, usual),
  "heavy tails": autoregression(0.6, heavy),
  GARCH: autoregression(0.5, restless),
  "Box and Jenkins' airline": airline,
};
const SIZES = [
  [40, 6],
  [85, 12],
  [150, 12],
  [300, 6],
  [1000, 6],
];

/** Residuals of one validation part. */
function residualsOn({ cut, to, known }, horizon, { values, forecast }) {
  const steps = Array.from({ length: horizon }, () => []);
  for (let origin = cut - 1; origin < to - 1; origin++)
    for (const [step, value] of forecast(origin, horizon).entries())
      if (origin + 1 + step < known) steps[step].push(values[origin + 1 + step] - value);
  return { steps, apart: Math.ceil((to - cut) / horizon) };
}

console.log(`${"process".padEnd(26)} rows  ahead  cover  pinball  by rows ahead`);
for (const [name, process] of Object.entries(PROCESSES))
  for (const [rows, horizon] of SIZES) {
    const held = new Array(horizon).fill(0);
    let loss = 0;
    for (let draw = 0; draw < draws; draw++) {
      const drawn = process(rows + horizon, normals(7919 * draw + 13));
      const whole = [{ from: 0, to: rows }];
      const parts = Array.from({ length: FOLDS }, (_, fold) => cutParts(whole, fold, { horizon })[0]);
      const residuals = parts.map((part) => residualsOn(part, horizon, drawn));
      const [low, high] = [0.1, 0.9].map((quantile) => conformalOffsets(residuals, quantile));
      for (const [step, value] of drawn.forecast(rows - 1, horizon).entries()) {
        const error = drawn.values[rows + step] - value;
        if (error >= low[step] && error <= high[step]) held[step]++;
        loss += (error >= low[step] ? 0.1 : 0.9) * Math.abs(error - low[step]);
        loss += (error >= high[step] ? 0.9 : 0.1) * Math.abs(error - high[step]);
      }
    }
    const share = held.reduce((a, b) => a + b) / draws / horizon;
    const ahead = held.map((count) => (count / draws).toFixed(2)).join(" ");
    const pinball = (loss / draws / horizon / 2).toFixed(3);
    console.log(
      `${name.padEnd(26)} ${String(rows).padStart(4)}  ${String(horizon).padStart(5)}  ${share.toFixed(3)}  ${pinball.padStart(7)}  ${ahead}`,
    );
  }

/** Rows, rows ahead, and origins in a row. */
const ROLLING = [
  [85, 12, 48],
  [96, 1, 48],
  [295, 6, 100],
];
/** The value that a share of a sorted list lies below. */
const at = (sorted, share) => sorted[Math.round(share * (sorted.length - 1))];

console.log(
  `\n${"of single series".padEnd(26)} rows  ahead  origins  calibrated      cover   9 of 10 between  pinball`,
);
for (const [name, process] of Object.entries(PROCESSES))
  for (const [rows, horizon, origins] of ROLLING) {
    const shares = { once: [], "with what came": [] };
    const losses = { once: 0, "with what came": 0 };
    for (let draw = 0; draw < draws; draw++) {
      const { values, forecast } = process(rows + origins + horizon, normals(7919 * draw + 13));
      const whole = [{ from: 0, to: rows }];
      const parts = Array.from({ length: FOLDS }, (_, fold) => cutParts(whole, fold, { horizon })[0]);
      const calibrating = parts.map((part) => residualsOn(part, horizon, { values, forecast }));
      const [low, high] = [0.1, 0.9].map((quantile) => conformalOffsets(calibrating, quantile));
      const spreads = spreadsOf(calibrating);
      const errors = Array.from({ length: origins }, (_, i) =>
        forecast(rows - 1 + i, horizon).map((value, step) => values[rows + i + step] - value),
      );
      for (const way of Object.keys(shares)) {
        let held = 0;
        for (const [i, steps] of errors.entries()) {
          const since = steps.map((_, step) => errors.slice(0, Math.max(0, i - step)).map((of) => of[step]));
          const wide = way === "once" ? steps.map(() => 1) : widenings(spreads, since);
          for (const [step, error] of steps.entries()) {
            const [lowest, highest] = [low[step] * wide[step], high[step] * wide[step]];
            if (error >= lowest && error <= highest) held++;
            losses[way] += (error >= lowest ? 0.1 : 0.9) * Math.abs(error - lowest);
            losses[way] += (error >= highest ? 0.9 : 0.1) * Math.abs(error - highest);
          }
        }
        shares[way].push(held / origins / horizon);
      }
    }
    for (const [way, all] of Object.entries(shares)) {
      const sorted = [...all].sort((a, b) => a - b);
      const mean = (all.reduce((a, b) => a + b) / draws).toFixed(3);
      const between = `${at(sorted, 0.05).toFixed(2)} and ${at(sorted, 0.95).toFixed(2)}`;
      const pinball = (losses[way] / draws / origins / horizon / 2).toFixed(3);
      const sizes = `${String(rows).padStart(4)}  ${String(horizon).padStart(5)}  ${String(origins).padStart(7)}`;
      console.log(
        `${name.padEnd(26)} ${sizes}  ${way.padEnd(14)}  ${mean}  ${between.padStart(16)}  ${pinball.padStart(7)}`,
      );
    }
  }
