import { useMemo, useState } from "preact/hooks";
import type uPlot from "uplot";
import type { Curve } from "../../common/protocol.js";
import { count, loss } from "../elements/format.js";
import { axes, type Mark, type Palette, Plot } from "../elements/plot.js";
import type { LossChartProps } from "./empty-chart.js";

/** Epochs after which the last ones of a run are flat, seen beside the first. */
const FLAT = 50;

/** The loss by epoch: a solid line for training, a dashed one for validation. */
export function LossChart({ curve, epochs, unit, best, at }: LossChartProps) {
  const [isLogarithmic, setIsLogarithmic] = useState(false);
  const data = useMemo(() => columnsOf(curve, epochs), [curve, epochs]);
  const hasValidation = curve?.validation.some(Number.isFinite) ?? false;
  const [first, last] = [curve?.training[0], curve?.training.at(-1)];
  const label =
    first === undefined || last === undefined
      ? "Chart of the loss by epoch, empty until training starts"
      : `Chart of the training loss by epoch, from ${loss(first)} to ${loss(last)} ${unit}`;
  return (
    <figure class="chart">
      <figcaption>
        <span>
          Loss <span class="quiet">in {unit}, by epoch</span>
        </span>
        {(curve?.epochs.at(-1) ?? 0) >= FLAT && (
          <label class="quiet toggle">
            <input
              type="checkbox"
              checked={isLogarithmic}
              onChange={({ currentTarget }) => setIsLogarithmic(currentTarget.checked)}
            />
            log scale
          </label>
        )}
        {hasValidation && (
          <span class="legend">
            <span class="key solid">training</span>
            <span class="key dashed">validation</span>
          </span>
        )}
      </figcaption>
      <Plot data={data} options={isLogarithmic ? logarithmic : linear} label={label} marks={marksOf(best, at)} />
    </figure>
  );
}

/** The curve, and an empty point that stretches the axis to the end of the run. */
function columnsOf(curve: Curve | undefined, epochs: number): uPlot.AlignedData {
  const shown = curve ?? { epochs: [0], training: [Number.NaN], validation: [Number.NaN] };
  const last = shown.epochs.at(-1) ?? 0;
  const end = endOfAxis(last, epochs);
  const rest = last < end ? [end] : [];
  return [
    [...shown.epochs, ...rest],
    [...Array.from(shown.training, finite), ...rest.map(() => null)],
    [...Array.from(shown.validation, finite), ...rest.map(() => null)],
  ];
}

/** The run's end, or less early in a long run, where the curve would be too narrow to see. */
const endOfAxis = (epoch: number, epochs: number): number =>
  epoch === 0 || epoch >= epochs / 8 ? epochs : 2 ** Math.ceil(Math.log2(epoch + 1) + 0.5);

function marksOf(best: number | undefined, at: number | undefined): Mark[] {
  return [
    ...(best === undefined ? [] : [{ x: best, color: "muted", title: "best" } as const]),
    ...(at === undefined ? [] : [{ x: at, color: "ink" } as const]),
  ];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

type Options = Omit<uPlot.Options, "width" | "height">;

const linear = (palette: Palette): Options =>
  optionsOf(palette, { range: (_, __, most) => [0, Number.isFinite(most) ? (most || 1) * 1.04 : 1] });

const logarithmic = (palette: Palette): Options => optionsOf(palette, { distr: 3 });

/** Whether a line has too few points to be one. */
const isShort = (chart: uPlot): boolean => chart.data[0].length < 4;

const optionsOf = (palette: Palette, y: uPlot.Scale): Options => ({
  legend: { show: false },
  cursor: { show: false },
  padding: [8, 24, 0, 0],
  scales: {
    x: { time: false, range: (_, __, last) => [0, last || 1] },
    y,
  },
  axes: axes(
    palette,
    (_, values) => values.map((value) => (Number.isInteger(value) ? count(value) : "")),
    (_, values) => values.map((value) => (value === null ? "" : String(value))),
  ),
  series: [
    {},
    { stroke: palette.accent, width: 2, points: { show: isShort, fill: palette.accent } },
    { stroke: palette.ink, width: 1.5, dash: [5, 4], points: { show: isShort, fill: palette.ink } },
  ],
});
