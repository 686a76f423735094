import { useMemo, useState } from "preact/hooks";
import type uPlot from "uplot";
import { cellAt } from "../../common/insight.js";
import type { SeriesInsight } from "../../common/series.js";
import { signed } from "../elements/format.js";
import { axes, type Palette, Plot } from "../elements/plot.js";
import { CellDrawing } from "../inside/cell-drawing.js";
import { CellPartsList } from "../inside/cell-parts.js";
import { forgettingAt } from "../inside/forgetting.js";
import { HeatMap } from "../inside/heat-map.js";
import { rankUnits } from "../inside/unit-order.js";
import { shown } from "./number.js";

interface ReadWindowProps {
  readonly seriesInsight: SeriesInsight;
  /** Has the network forecast after another row. */
  readonly onAfter: (after: number) => void;
}

/** The rows that the network reads, what it forecasts then and how wrong that is; below them the cell states of its units. */
export function ReadWindow({ seriesInsight, onAfter }: ReadWindowProps) {
  const { after, first, last, places, actual, forecast, insight } = seriesInsight;
  const [wanted, setWanted] = useState(Number.POSITIVE_INFINITY);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const units = useMemo(() => rankUnits(insight, "variance"), [insight]);
  const unit = chosen !== undefined && chosen < insight.units ? chosen : units[0]!.unit;
  const steps = insight.tokens.length;
  const cursor = Math.min(wanted, steps - 1);
  const parts = cellAt(insight, cursor, unit);
  const data = useMemo<uPlot.AlignedData>(
    () => [places.map((_, i) => i), actual.map(finite), forecast.map(finite)],
    [places, actual, forecast],
  );
  const options = useMemo(() => optionsFor(places), [places]);
  const lastRead = places[forecast.findIndex(Number.isFinite)];
  const holds = `unit ${unit + 1} of ${insight.units} holds ${signed(parts.cell)}`;
  return (
    <>
      <div class="time-travel">
        <label>
          <span class="visually-hidden">Row after which it forecasts</span>
          <input
            type="range"
            min={first}
            max={last}
            value={after}
            aria-valuetext={`after ${lastRead}`}
            onInput={({ currentTarget }) => onAfter(Number(currentTarget.value))}
          />
        </label>
        <span class="quiet">forecast after {lastRead}</span>
      </div>
      <div class="inside-columns neurons">
        <figure>
          <Plot
            data={data}
            options={options}
            label={`Chart of the rows from ${places[0]} to ${places.at(-1)}: those that are read, and the forecast`}
            marks={[{ x: cursor, color: "muted" }]}
          />
          <figcaption class="heat-caption">
            <span class="legend">
              <span class="key plain">actual</span>
              <span class="key dashed accent">forecast</span>
              <span class="key band">error</span>
            </span>
          </figcaption>
          <HeatMap
            insight={insight}
            units={units}
            unit={unit}
            cursor={cursor}
            onUnit={setChosen}
            onCursor={setWanted}
            describe={() => `${places[cursor]}: ${holds}`}
          />
          <figcaption class="heat-caption">
            <span>
              Each line is a unit, each column a row that is read. Choose a line to see its cell on the right.
            </span>
          </figcaption>
        </figure>
        <div class="cell">
          <p>
            At <span class="glyph">{places[cursor]}</span> {forgettingAt(insight, cursor)}
          </p>
          <h3>
            Unit {unit + 1}
            <span class="quiet">
              {" "}
              – at <span class="glyph">{places[cursor]}</span>
              {Number.isFinite(actual[cursor]) && `, ${shown(actual[cursor]!)}`}
            </span>
          </h3>
          <CellDrawing parts={parts} />
          <CellPartsList parts={parts} thing="row" />
        </div>
      </div>
    </>
  );
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Of 255: what lies between two lines is seen through. */
const TRANSPARENCY = "2e";

const optionsFor =
  (places: readonly string[]) =>
  (palette: Palette): Omit<uPlot.Options, "width" | "height"> => ({
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: { x: { time: false } },
    axes: axes(
      palette,
      (_, values) => values.map((value) => places[value] ?? ""),
      (_, values) => values.map((value) => shown(value)),
    ),
    bands: [
      { series: [1, 2], fill: `${palette.accent}${TRANSPARENCY}` },
      { series: [2, 1], fill: `${palette.accent}${TRANSPARENCY}` },
    ],
    series: [
      {},
      { stroke: palette.ink, width: 1.5, points: { show: false } },
      { stroke: palette.accent, width: 2, dash: [6, 4], points: { show: false } },
    ],
  });
