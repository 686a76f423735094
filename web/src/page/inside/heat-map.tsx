import { useEffect, useRef } from "preact/hooks";
import { CELL_STEPS, type Insight } from "../../common/insight.js";
import { useIsDark } from "../elements/media.js";
import { colorScale } from "./color-scale.js";
import { keyMove } from "./key-move.js";
import type { RankedUnit } from "./unit-order.js";

/** Characters that are shown at a time, so that each is wide enough to point at. */
const WINDOW = 120;

/** The part of a passage that is shown: its first step, and how many. */
export function windowAt({ tokens }: Insight, cursor: number): [from: number, steps: number] {
  const from = Math.floor(cursor / WINDOW) * WINDOW;
  return [from, Math.min(WINDOW, tokens.length - from)];
}

interface HeatMapProps {
  readonly insight: Insight;
  /** Top to bottom. */
  readonly units: readonly RankedUnit[];
  readonly unit: number;
  readonly cursor: number;
  readonly onUnit: (unit: number) => void;
  readonly onCursor: (cursor: number) => void;
  readonly describe: (unit: number) => string;
}

/** The cell states of all units, a row each, over the passage. The canvas has a pixel per state; the style sheet stretches it. */
export function HeatMap({ insight, units, unit, cursor, onUnit, onCursor, describe }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const row = useRef<HTMLDivElement>(null);
  const isDark = useIsDark();
  const [from, steps] = windowAt(insight, cursor);
  const rank = units.findIndex((one) => one.unit === unit);

  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    const image = context.createImageData(steps, units.length);
    const pixels = new Uint32Array(image.data.buffer);
    const scale = colorScale(canvas.current!);
    const { cell } = insight.activity;
    units.forEach(({ unit }, y) => {
      for (let t = 0; t < steps; t++)
        pixels[y * steps + t] = scale(Math.tanh(cell[(from + t) * insight.units + unit]! / CELL_STEPS));
    });
    context.putImageData(image, 0, 0);
  }, [insight, units, from, steps, isDark]);

  // Through the object model, since the page's policy allows no style attributes.
  useEffect(() => {
    Object.assign(column.current!.style, { left: `${((cursor - from) * 100) / steps}%`, width: `${100 / steps}%` });
    Object.assign(row.current!.style, { top: `${(rank * 100) / units.length}%`, height: `${100 / units.length}%` });
  }, [cursor, from, rank, steps, units.length]);

  const at = ({ clientX, clientY }: PointerEvent) => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    const place = (share: number, length: number) => Math.max(0, Math.min(length - 1, Math.floor(share * length)));
    return { t: from + place((clientX - left) / width, steps), y: place((clientY - top) / height, units.length) };
  };
  return (
    <div
      class="heat-map"
      role="slider"
      tabIndex={0}
      aria-label="Unit of the network"
      aria-orientation="vertical"
      aria-valuemin={1}
      aria-valuemax={units.length}
      aria-valuenow={rank + 1}
      aria-valuetext={describe(unit)}
      onPointerMove={(event) => onCursor(at(event).t)}
      onPointerDown={(event) => {
        const { t, y } = at(event);
        onCursor(t);
        onUnit(units[y]!.unit);
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
          onCursor(keyMove(event, cursor, insight.tokens.length, 1)!);
          return;
        }
        const next = keyMove(event, rank, units.length, 1);
        if (next !== undefined) onUnit(units[next]!.unit);
      }}
    >
      <canvas ref={canvas} width={steps} height={units.length} />
      <div ref={column} class="column" />
      <div ref={row} class="row-mark" />
    </div>
  );
}
