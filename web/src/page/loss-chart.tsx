import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import type { Curve } from "../protocol.js";
import { axes, type Palette, Plot } from "./plot.js";
import { count, loss } from "./words.js";

/** Points to draw before there are any, so that the axes stand. */
const EMPTY: uPlot.AlignedData = [
  [0, 1],
  [null, null],
  [null, null],
];

/** The loss by epoch: training in a line, validation in dashes. */
export function LossChart({ curve, unit }: { readonly curve: Curve | undefined; readonly unit: string }) {
  const data = useMemo(
    (): uPlot.AlignedData =>
      curve && curve.epochs.length > 1 ? [curve.epochs, curve.training, Array.from(curve.validation, known)] : EMPTY,
    [curve],
  );
  const hasValidation = curve?.validation.some(Number.isFinite) ?? false;
  const [first, last] = [curve?.training[0], curve?.training.at(-1)];
  const label =
    first === undefined || last === undefined
      ? "Chart of the loss by epoch, empty until training begins"
      : `Chart of the training loss by epoch: from ${loss(first)} to ${loss(last)} ${unit}`;
  return (
    <figure class="chart">
      <figcaption>
        <span>
          Loss <span class="quiet">in {unit}, by epoch</span>
        </span>
        {hasValidation && (
          <span class="legend">
            <span class="key solid">training</span>
            <span class="key dashed">validation</span>
          </span>
        )}
      </figcaption>
      <Plot data={data} options={optionsOf} label={label} />
    </figure>
  );
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

const optionsOf = (palette: Palette): Omit<uPlot.Options, "width" | "height"> => ({
  legend: { show: false },
  cursor: { show: false },
  padding: [8, 8, 0, 0],
  scales: { x: { time: false }, y: { range: (_, __, most) => [0, Number.isFinite(most) ? (most || 1) * 1.04 : 1] } },
  axes: axes(
    palette,
    (_, values) => values.map((value) => (Number.isInteger(value) ? count(value) : "")),
    (_, values) => values.map(String),
  ),
  series: [
    {},
    { stroke: palette.accent, width: 2, points: { show: false } },
    { stroke: palette.ink, width: 1.5, dash: [5, 4], points: { show: false } },
  ],
});
