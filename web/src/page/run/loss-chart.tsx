import { useMemo, useState } from "preact/hooks";
import type uPlot from "uplot";
import type { Curve } from "../../common/protocol.js";
import { count, loss } from "../elements/format.js";
import { axes, type Mark, type Palette, Plot } from "../elements/plot.js";
import { SavePicture } from "../pictures/save-picture.js";
import { areComparable, differenceOf } from "./compare-runs.js";
import type { LossChartProps } from "./empty-chart.js";

/** Epochs after which the last ones of a run are flat, seen beside the first. */
const FLAT = 50;

/** The loss by epoch: a solid line for training, a dashed one for validation; the run before in gray. */
export function LossChart({ curve, run, earlier: before, epochs, unit, best, at }: LossChartProps) {
  const [isLogarithmic, setIsLogarithmic] = useState(false);
  const [isCompared, setIsCompared] = useState(true);
  const comparable = before && run && areComparable(before.run, run) ? before : undefined;
  const earlier = isCompared ? comparable?.curve : undefined;
  const data = useMemo(() => columnsOf(curve, earlier, epochs), [curve, earlier, epochs]);
  const difference = useMemo(() => (comparable && run ? differenceOf(comparable.run, run) : ""), [comparable, run]);
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
          <Toggle label="log scale" checked={isLogarithmic} onChecked={setIsLogarithmic} />
        )}
        {(hasValidation || earlier) && (
          <span class="legend">
            <span class="key solid">training</span>
            {hasValidation && <span class="key dashed">validation</span>}
            {earlier && <span class="key faint">the run before: {difference}</span>}
          </span>
        )}
      </figcaption>
      <Plot data={data} options={isLogarithmic ? logarithmic : linear} label={label} marks={marksOf(best, at)} />
      {curve && (
        <p class="below quiet">
          {comparable && <Toggle label="compare with the run before" checked={isCompared} onChecked={setIsCompared} />}
          <SavePicture
            name="loss"
            draw={async (palette) => (await import("../pictures/curve.js")).drawCurve(curve, earlier, unit, palette)}
          />
        </p>
      )}
    </figure>
  );
}

function Toggle(props: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChecked: (checked: boolean) => void;
}) {
  const { label, checked, onChecked } = props;
  return (
    <label class="quiet toggle">
      <input type="checkbox" checked={checked} onChange={({ currentTarget }) => onChecked(currentTarget.checked)} />
      {label}
    </label>
  );
}

const EMPTY: Curve = {
  epochs: Float64Array.of(0),
  training: Float64Array.of(Number.NaN),
  validation: Float64Array.of(Number.NaN),
};

/** The curves, and an empty point that stretches the axis to the end of the run. */
function columnsOf(shown: Curve = EMPTY, earlier: Curve | undefined, epochs: number): uPlot.AlignedData {
  const last = Math.max(shown.epochs.at(-1) ?? 0, earlier?.epochs.at(-1) ?? 0);
  const end = endOfAxis(last, epochs);
  const places = new Set([...shown.epochs, ...(earlier?.epochs ?? []), ...(last < end ? [end] : [])]);
  const all = [...places].sort((a, b) => a - b);
  const along = ({ epochs: own }: Curve, losses: Float64Array) => {
    const byEpoch = new Map(Array.from(own, (epoch, i) => [epoch, finite(losses[i]!)]));
    return all.map((epoch) => byEpoch.get(epoch) ?? null);
  };
  return [
    all,
    along(shown, shown.training),
    along(shown, shown.validation),
    earlier ? along(earlier, earlier.training) : all.map(() => null),
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
const isShort = ({ data }: uPlot, series: number): boolean =>
  Array.from(data[series]!).filter((value) => value !== null).length < 4;

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
    { stroke: palette.accent, width: 2, spanGaps: true, points: { show: isShort, fill: palette.accent } },
    { stroke: palette.ink, width: 1.5, dash: [5, 4], spanGaps: true, points: { show: isShort, fill: palette.ink } },
    { stroke: palette.muted, width: 1.5, spanGaps: true, points: { show: false } },
  ],
});
