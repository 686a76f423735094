import { display } from "../common/show.js";
import type { Choice } from "../series/choose.js";
import type { Encoding } from "../series/encoder.js";
import type { Forecaster } from "../series/forecaster.js";
import type { BacktestScores, IntervalScores } from "../series/scores.js";
import { datesOf } from "../series/target-series.js";
import type { TimeSeries } from "../tables/time-series.js";
import { flagName } from "./flags.js";
import { count, counted, percent } from "./terminal.js";

/** How a forecaster was chosen, for --json. */
export const choiceEvent = ({ encoding, epochs, isNaive, trials }: Choice): object => ({
  ...encodingEvent(encoding),
  epochs,
  isNaive,
  trials: trials.map(({ encoding, ...trial }) => ({ ...encodingEvent(encoding), ...trial })),
});

const encodingEvent = ({ transform, difference, scaling, window }: Encoding): object => ({
  ...{ transform, difference, scaling, window },
});

/** Errors on held-out rows, for --json. */
export function scoresEvent({ rows, rmse, mae, mape, smape, mase, intervals, naive, advice }: BacktestScores): object {
  const of = (name: string) => naive.find((one) => one.name === name);
  return {
    ...{ rows, rmse, mae, mape, smape, mase },
    ...intervals,
    persistenceRmse: of("persistence")!.rmse,
    seasonalNaiveRmse: of("seasonal naive")?.rmse,
    naive: naive.map(({ name, rmse, mae, mape, smape, mase }) => ({ name, rmse, mae, mape, smape, mase })),
    advice,
  };
}

/** The first of so many rows at the end of a series, by its date where it has one. */
function heldOutFrom(series: TimeSeries, rows: number, target: string): string {
  const row = series.columns[target]!.length - rows;
  return datesOf(series, row, 1)?.[0] ?? `row ${count(row + 1)}`;
}

function describeIntervals({ coverage, coverageError, width, pinball }: IntervalScores): string[] {
  const lines = Object.entries(coverage).map(([share, covered]) => {
    const error = coverageError[share];
    const chance = error === undefined ? "" : ` (standard error ${percent(error)})`;
    const covers = `${Math.round(100 * Number(share))} % intervals cover ${percent(covered)} of the rows${chance}`;
    return `  ${covers}, and are ${width[share]!.toPrecision(4)} wide`;
  });
  return [...lines, `  pinball loss ${pinball.toPrecision(4)}`];
}

/** Which rows are forecast: those that were held out. */
export function heldOutTitle(forecaster: Forecaster, series: readonly TimeSeries[], scores: BacktestScores): string {
  const { target, horizon } = forecaster.settings;
  const { rows } = scores;
  const places =
    series.length > 1 ? ` of ${count(series.length)} series` : ` (from ${heldOutFrom(series[0]!, rows, target)} on)`;
  return `${aheadOf(forecaster, horizon)}, on the ${count(rows)} held-out rows${places}:`;
}

/** Such as "sales, 6 rows ahead". */
export function aheadOf(forecaster: Forecaster, horizon: number): string {
  const ahead = horizon === 1 ? "one step" : counted(horizon, "row");
  return `${display(forecaster.settings.target, 100)}, ${ahead} ahead`;
}

/** Errors beside naive forecasts, for people. */
export function describeScores(title: string, scores: BacktestScores): string[] {
  const { naive, advice, intervals } = scores;
  const all = [{ name: "this model", ...scores }, ...naive];
  const width = Math.max(...all.map(({ name }) => name.length));
  return [
    title,
    ...all.map(({ name, rmse, mae, mase }) => {
      const errors = `RMSE ${rmse.toPrecision(4)}, mean absolute error ${mae.toPrecision(4)}`;
      return `  ${name.padEnd(width)}  ${errors}${Number.isNaN(mase) ? "" : `, MASE ${mase.toPrecision(3)}`}`;
    }),
    ...(intervals ? describeIntervals(intervals) : []),
    ...(advice === undefined ? [] : [`Note: ${withFlags(advice)}.`]),
    "",
  ];
}

/** Options by their flags: `loss: "mse"` as --loss mse. */
const withFlags = (advice: string): string =>
  advice.replace(/`(\w+)(?:: "(\w+)")?`/g, (_, option: string, value?: string) =>
    [`--${flagName(option)}`, ...(value === undefined ? [] : [value])].join(" "),
  );

/** Errors by step ahead, where there are several, for people. */
export function describeSteps({ steps }: BacktestScores): string[] {
  if (steps.length < 2) return [];
  const shares = Object.keys(steps[0]!.intervals?.coverage ?? {});
  const line = (cells: readonly string[]) => `  ${cells.map((cell) => cell.padStart(10)).join("  ")}`;
  const lines = steps.map(({ rmse, mae, intervals }, i) =>
    line([
      ...[String(i + 1), rmse.toPrecision(4), mae.toPrecision(4)],
      ...shares.map((share) => percent(intervals!.coverage[share]!)),
    ]),
  );
  const intervals = shares.map((share) => `in ${Math.round(100 * Number(share))} %`);
  return [line(["rows ahead", "RMSE", "MAE", ...intervals]), ...lines];
}

/** Errors in a backtest, for --json. */
export function backtestEvent(scores: BacktestScores): object {
  const named = Object.fromEntries(scores.naive.map(({ name, ...errors }) => [camelCase(name), errors]));
  const series = scores.series.map(({ id, rows, scores, intervals }) => ({ id, rows, ...scores, ...intervals }));
  const steps = scores.steps.map(({ intervals, ...errors }) => ({ ...errors, ...intervals }));
  return { ...scoresEvent(scores), ...named, steps, series };
}

/** "seasonal naive" → "seasonalNaive", "Holt's linear trend" → "holtsLinearTrend" */
const camelCase = (name: string): string =>
  name
    .replaceAll("'", "")
    .toLowerCase()
    .replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
