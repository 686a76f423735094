import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { cellAt, type Insight } from "../../common/insight.js";
import type { SeriesInsight } from "../../common/series.js";
import { signed } from "../elements/format.js";
import { axes, type Palette, Plot } from "../elements/plot.js";
import { CellDrawing } from "../inside/cell-drawing.js";
import { CellPartsList } from "../inside/cell-parts.js";
import { forgettingAt } from "../inside/forgetting.js";
import { HeatMap } from "../inside/heat-map.js";
import { rankUnits } from "../inside/unit-order.js";
import { type Frame, lineOf, UNSEEN } from "./frame.js";
import { shown } from "./number.js";

interface ReadWindowProps {
  readonly seriesInsight: SeriesInsight;
  /** Of the network as it is now, by which units are sorted. */
  readonly newest: Insight;
  /** What the value axis has to hold besides. */
  readonly frame?: Frame | undefined;
  /** Has the network forecast after another row. */
  readonly onAfter: (after: number) => void;
}

/** The rows that the network reads, what it forecasts then and how wrong that is; below them the cell states of its units. */
export function ReadWindow({ seriesInsight, newest, frame, onAfter }: ReadWindowProps) {
  const { after, first, last, places, actual, forecast, insight } = seriesInsight;
  const [wanted, setWanted] = useState(Number.POSITIVE_INFINITY);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const units = useMemo(() => rankUnits(newest, "variance"), [newest]);
  const unit = chosen !== undefined && chosen < insight.units ? chosen : units[0]!.unit;
  const steps = insight.tokens.length;
  const cursor = Math.min(wanted, steps - 1);
  const parts = cellAt(insight, cursor, unit);
  const data = useMemo<uPlot.AlignedData>(
    () => [places.map((_, i) => i), actual.map(finite), forecast.map(finite), lineOf(frame, places.length)],
    [places, actual, forecast, frame],
  );
  // Each report brings an array of its own, mostly of the same rows.
  const options = useMemo(() => optionsFor(places), [places.join()]);
  const cells = useRef<HTMLDivElement>(null);
  // Through the object model, since the page's policy allows no style attributes.
  useEffect(() => cells.current!.style.setProperty("--columns", String(steps / places.length)));
  const lastRead = places[forecast.findIndex(Number.isFinite)];
  const holds = `unit ${unit + 1} of ${insight.units} holds ${signed(parts.cell)}`;
  return (
    <>
      <div class="slide">
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
          <div class="under-plot" ref={cells}>
            <HeatMap
              insight={insight}
              units={units}
              unit={unit}
              cursor={cursor}
              onUnit={setChosen}
              onCursor={setWanted}
              describe={() => `${places[cursor]}: ${holds}`}
            />
          </div>
          <figcaption class="heat-caption">
            <span>
              Below each row of the table that is read, the cell states of all units. Choose one to see its cell.
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
    padding: [8, 36, 0, 0],
    // Each row has a column, in the middle of which it is drawn.
    scales: { x: { time: false, range: ({ data }) => [-0.5, data[0].length - 0.5] } },
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
      UNSEEN,
    ],
  });
