import { useMemo, useState } from "preact/hooks";
import { cellAt, type Insight } from "../../common/insight.js";
import { SelectField } from "../elements/field.js";
import { plural, signed } from "../elements/format.js";
import { SavePicture } from "../pictures/save-picture.js";
import { CellDrawing } from "./cell-drawing.js";
import { CellPartsList } from "./cell-parts.js";
import { forgettingAt } from "./forgetting.js";
import { HeatMap, windowAt } from "./heat-map.js";
import { Passage } from "./passage.js";
import { nounOf, shownToken } from "./shown-token.js";
import { FEATURES, type Feature, featuresIn, rankUnits, statesOf } from "./unit-order.js";

interface NeuronsProps {
  readonly insight: Insight;
  /** Of the newest moment, by which units are sorted: they stay where they are while the user looks back. */
  readonly newest: Insight;
  readonly cursor: number;
  readonly onCursor: (cursor: number) => void;
}

const LEVELS = 8;

/** What each cell remembers along the passage, and the parts of one at one character. */
export function Neurons({ insight, newest, cursor, onCursor }: NeuronsProps) {
  const [wanted, setWanted] = useState<Feature>("variance");
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const { tokens } = insight;
  const features = useMemo(() => featuresIn(tokens), [tokens]);
  const feature = features.includes(wanted) ? wanted : "variance";
  const units = useMemo(() => rankUnits(newest, feature), [newest, feature]);
  const scores = useMemo(() => rankUnits(insight, feature), [insight, feature]);
  const unit = chosen !== undefined && chosen < insight.units ? chosen : units[0]!.unit;
  const levels = useMemo(
    () => Int8Array.from(statesOf(insight, unit), (state) => Math.round(state * LEVELS)),
    [insight, unit],
  );
  const { score } = scores.find((one) => one.unit === unit)!;
  const parts = cellAt(insight, cursor, unit);
  const summary =
    feature === "variance"
      ? `Unit ${unit + 1} varies by ${score.toFixed(2)} around its mean`
      : `Unit ${unit + 1} goes with the ${FEATURES[feature]}: correlation ${signed(score)}`;
  const describe = (at: number) => `${shownToken(tokens[at]!)}: unit ${unit + 1} holds ${signed(parts.cell)}`;
  return (
    <div class="inside-columns neurons">
      <figure>
        <HeatMap
          insight={insight}
          units={units}
          unit={unit}
          cursor={cursor}
          onUnit={setChosen}
          onCursor={onCursor}
          describe={() => `${summary}; at ${describe(cursor)}`}
        />
        <figcaption class="heat-caption">
          <span>Each row is a unit, each column a character. Choose a row to color the text by it.</span>
          <SelectField
            label="Sorted by"
            value={feature}
            options={Object.fromEntries(features.map((name) => [name, FEATURES[name]]))}
            onValue={(name) => {
              setWanted(name as Feature);
              setChosen(undefined);
            }}
          />
          <SavePicture
            name="cell-states"
            draw={async (palette) => {
              const { drawHeatMap } = await import("../pictures/heat-map.js");
              const order = units.map((one) => one.unit);
              const [from, steps] = windowAt(insight, cursor);
              const title = `Cell states of ${plural(insight.units, "unit")}, sorted by ${FEATURES[feature]}`;
              return drawHeatMap(insight, order, from, steps, title, palette);
            }}
          />
        </figcaption>
        <Passage tokens={tokens} levels={levels} cursor={cursor} onCursor={onCursor} describe={describe} />
      </figure>
      <div class="cell">
        <p>
          At {nounOf(tokens[cursor]!)} {forgettingAt(insight, cursor)}
        </p>
        <h3>
          {summary}
          <span class="quiet"> – at {nounOf(tokens[cursor]!)}</span>
        </h3>
        <CellDrawing parts={parts} />
        <CellPartsList parts={parts} />
      </div>
    </div>
  );
}
