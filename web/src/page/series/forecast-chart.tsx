import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import type { Lines, ShownSeries } from "../../common/series.js";
import { count, plural } from "../elements/format.js";
import { axes, type Palette, Plot } from "../elements/plot.js";
import { SavePicture } from "../pictures/save-picture.js";
import { type Frame, lineOf, UNSEEN } from "./frame.js";
import { percentage } from "./number.js";

interface ForecastChartProps {
  readonly shown: ShownSeries | undefined;
  /** What the value axis has to hold besides. */
  readonly frame?: Frame | undefined;
}

/** A series, forecasts of its held-out rows, the rows to come with their interval, and its anomalies. */
export function ForecastChart({ shown, frame }: ForecastChartProps) {
  const data = useMemo(() => (shown ? columnsOf(shown.lines, frame) : EMPTY), [shown, frame]);
  const { testFrom, forecastRows = 0, share, lines } = shown ?? {};
  const hasForecast = forecastRows > 0;
  const hasMarks = lines?.marked.some(Number.isFinite) ?? false;
  return (
    <figure class="chart tall">
      <figcaption>
        <span class="legend">
          <span class="key plain">actual</span>
          {testFrom !== undefined && <span class="key solid">forecast of held-out rows</span>}
          {hasForecast && <span class="key dashed accent">forecast</span>}
          {share !== undefined && (hasForecast || testFrom !== undefined) && (
            <span class="key band">{percentage(share)} interval</span>
          )}
          {hasMarks && <span class="key ring">anomaly</span>}
        </span>
      </figcaption>
      <Plot data={data} options={shown?.isDated ? datedOptions : numberedOptions} label={labelOf(shown)} />
      {shown && (
        <p class="below quiet">
          <SavePicture
            name="forecast"
            draw={async (palette) =>
              (await import("../pictures/forecast.js")).drawForecast(
                shown,
                share !== undefined && (hasForecast || testFrom !== undefined) ? percentage(share) : undefined,
                palette,
              )
            }
          />
        </p>
      )}
    </figure>
  );
}

const EMPTY: uPlot.AlignedData = [[0], ...new Array<[null]>(7).fill([null])];

/** What a screen reader says of the chart. */
function labelOf(shown: ShownSeries | undefined): string {
  if (!shown) return "Chart of the series, empty until there is a table";
  const { id, rows, period, testFrom, forecastRows, share, lines } = shown;
  const marked = lines.marked.filter(Number.isFinite).length;
  return [
    `Chart of ${count(rows)} rows${id === undefined ? "" : ` of ${id}`}${period ? ` from ${period[0]} to ${period[1]}` : ""}`,
    ...(testFrom === undefined ? [] : [`with forecasts of the held-out rows from ${testFrom} on`]),
    ...(forecastRows > 0 ? [`with a forecast of ${plural(forecastRows, "more row", "more rows")}`] : []),
    ...(share !== undefined && forecastRows > 0 ? [`and its ${percentage(share)} interval`] : []),
    ...(marked > 0 ? [`with ${plural(marked, "anomaly", "anomalies")} marked`] : []),
  ].join(", ");
}

/** Lines in the order in which they are drawn. */
function columnsOf(
  { x, actual, tested, forecast, low, high, marked }: Lines,
  frame: Frame | undefined,
): uPlot.AlignedData {
  const line = (values: Float64Array) => Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  return [Array.from(x), ...[actual, tested, forecast, low, high, marked].map(line), lineOf(frame, x.length)];
}

const [LOW, HIGH] = [4, 5];
/** Of 255: an interval is seen through. */
const TRANSPARENCY = "2e";

const rowNumbers: uPlot.Axis["values"] = (_, values) =>
  values.map((value) => (Number.isInteger(value) ? count(value) : ""));

const numberedOptions = (palette: Palette) => optionsOf(palette, rowNumbers);
/** Dates without a time zone count as UTC; uPlot writes the year below where it changes. */
const datedOptions = (palette: Palette): Omit<uPlot.Options, "width" | "height"> => ({
  ...optionsOf(palette, undefined),
  scales: { x: { time: true } },
  tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
});

const optionsOf = (palette: Palette, x: uPlot.Axis["values"]): Omit<uPlot.Options, "width" | "height"> => {
  const line = { points: { show: false } };
  const edge = { ...line, stroke: `${palette.accent}${TRANSPARENCY}`, width: 1 };
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: { x: { time: false } },
    axes: axes(palette, x, (_, values) =>
      values.map((value) => (Math.abs(value) >= 1000 ? count(value) : String(value))),
    ),
    bands: [{ series: [HIGH, LOW], fill: `${palette.accent}${TRANSPARENCY}` }],
    series: [
      {},
      { ...line, stroke: palette.ink, width: 1.5 },
      { ...line, stroke: palette.accent, width: 2 },
      { ...line, stroke: palette.accent, width: 2, dash: [6, 4] },
      edge,
      edge,
      { paths: () => null, points: { show: true, size: 10, width: 2, stroke: palette.accent, fill: "transparent" } },
      UNSEEN,
    ],
  };
};
