import type { BacktestScores, ErrorScores, IntervalScores } from "lstm-wasm/forecast";
import type { Errors, Interval, SeriesEvaluation } from "../../common/series.js";
import type { SeriesSubject } from "../run/series-subject.js";

/** Steps ahead that are told one by one. */
const MOST_STEPS = 24;

/** How well the rows that were held out are forecast, for the page. */
export function evaluationOf(subject: SeriesSubject): SeriesEvaluation {
  const { scores, forecaster, series } = subject;
  const { target, horizon } = forecaster.settings;
  const common = { target, horizon, series: series.length, isNaive: forecaster.isNaive };
  if (!scores) return { ...common, rows: 0, own: NO_ERRORS, naive: [], steps: [] };
  const interval = intervalOf(scores.intervals);
  return {
    ...common,
    rows: scores.rows,
    own: errorsOf(scores),
    naive: scores.naive.map((one) => ({ name: one.name, ...errorsOf(one) })),
    ...(interval ? { interval } : {}),
    steps: stepsOf(scores),
    ...(scores.advice === undefined ? {} : { advice: scores.advice }),
  };
}

const NO_ERRORS: Errors = { rmse: Number.NaN, mae: Number.NaN, mase: Number.NaN };

const errorsOf = ({ rmse, mae, mase }: ErrorScores): Errors => ({ rmse, mae, mase });

const stepsOf = ({ steps }: BacktestScores): SeriesEvaluation["steps"] =>
  steps.slice(0, MOST_STEPS).map(({ rmse, mae, intervals }) => {
    const interval = intervalOf(intervals);
    return { rmse, mae, ...(interval ? { coverage: interval.coverage } : {}) };
  });

/** The widest interval. */
function intervalOf(intervals: IntervalScores | undefined): Interval | undefined {
  const shares = Object.keys(intervals?.coverage ?? {}).sort((a, b) => Number(b) - Number(a));
  const [widest] = shares;
  if (!intervals || widest === undefined) return undefined;
  const error = intervals.coverageError[widest];
  return {
    share: Number(widest),
    coverage: intervals.coverage[widest]!,
    ...(error === undefined ? {} : { error }),
    width: intervals.width[widest]!,
  };
}
