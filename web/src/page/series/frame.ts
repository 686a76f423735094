import type uPlot from "uplot";
import type { SeriesMoment } from "../../common/series.js";

/** The least and the greatest value of lines: an axis that has both stays as it is while they change. */
export type Frame = readonly [low: number, high: number];

/** Around all lines of the series that a run has forecast so far; undefined for none. */
export const frameOfForecasts = (moments: readonly SeriesMoment[]): Frame | undefined =>
  frameOf(
    moments.flatMap(({ shown: { lines } }) => [lines.actual, lines.tested, lines.forecast, lines.low, lines.high]),
  );

/** Around what a network has forecast from the rows that it reads. */
export const frameOfWindows = (moments: readonly SeriesMoment[]): Frame | undefined =>
  frameOf(
    moments.flatMap(({ seriesInsight }) => (seriesInsight ? [seriesInsight.actual, seriesInsight.forecast] : [])),
  );

function frameOf(lines: readonly ArrayLike<number>[]): Frame | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of lines)
    for (let i = 0; i < line.length; i++) {
      if (line[i]! < low) low = line[i]!;
      if (line[i]! > high) high = line[i]!;
    }
  return low <= high ? [low, high] : undefined;
}

/** How the line of a frame is drawn: not at all. */
export const UNSEEN: uPlot.Series = { paths: () => null, points: { show: false } };

/** The line that stretches an axis over a frame. */
export const lineOf = (frame: Frame | undefined, points: number): (number | null)[] =>
  Array.from({ length: points }, (_, i) => frame?.[i] ?? null);
