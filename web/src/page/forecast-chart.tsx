import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import type { Tested } from "../protocol.js";
import { axes, type Palette, Plot } from "./plot.js";
import { count } from "./words.js";

interface ForecastChartProps {
  /** The target's values. */
  readonly actual: readonly number[];
  readonly tested: Tested | undefined;
  readonly forecast: readonly number[] | undefined;
}

/** The series, what the model and the naive forecast make of its held-out part, and the rows that come after. */
export function ForecastChart({ actual, tested, forecast }: ForecastChartProps) {
  const data = useMemo(() => columnsOf(actual, tested, forecast), [actual, tested, forecast]);
  const { from, season } = tested ?? {};
  const label = [
    `Chart of ${count(actual.length)} rows`,
    ...(from === undefined ? [] : [`foretold from row ${from + 1} on`]),
    ...(forecast ? [`and of a forecast of ${forecast.length} more`] : []),
  ].join(", ");
  return (
    <figure class="chart tall">
      <figcaption>
        <span class="legend">
          <span class="key plain">series</span>
          {from !== undefined && <span class="key solid">foretold one row ahead</span>}
          {from !== undefined && season !== undefined && <span class="key faint">{season} rows before</span>}
          {forecast && <span class="key dashed accent">forecast</span>}
        </span>
      </figcaption>
      <Plot data={data} options={optionsOf} label={label} />
    </figure>
  );
}

function columnsOf(
  actual: readonly number[],
  tested: Tested | undefined,
  forecast: readonly number[] = [],
): uPlot.AlignedData {
  const rows = actual.length + forecast.length;
  const column = (values: (row: number) => number | undefined) =>
    Array.from({ length: rows }, (_, row) => values(row) ?? null);
  const { from = rows, predicted = [], season } = tested ?? {};
  return [
    Array.from({ length: rows }, (_, row) => row + 1),
    column((row) => actual[row]),
    column((row) => (season !== undefined && row >= from ? actual[row - season] : undefined)),
    column((row) => predicted[row - from]),
    // From the last row on, so that the line is one.
    column((row) => (forecast.length > 0 && row === actual.length - 1 ? actual[row] : forecast[row - actual.length])),
  ];
}

const optionsOf = (palette: Palette): Omit<uPlot.Options, "width" | "height"> => ({
  legend: { show: false },
  cursor: { show: false },
  padding: [8, 18, 0, 0],
  scales: { x: { time: false } },
  axes: axes(
    palette,
    (_, values) => values.map((value) => (Number.isInteger(value) ? count(value) : "")),
    (_, values) => values.map((value) => (Math.abs(value) >= 1000 ? count(value) : String(value))),
  ),
  series: [
    {},
    { stroke: palette.ink, width: 1.5, points: { show: false } },
    { stroke: palette.muted, width: 1, dash: [2, 3], points: { show: false } },
    { stroke: palette.accent, width: 2, points: { show: false } },
    { stroke: palette.accent, width: 2, dash: [6, 4], points: { show: false } },
  ],
});
