import { CELL_STEPS, type Insight } from "../../common/insight.js";
import { type Drawing, mixed, type Palette, type Pen } from "./pen.js";

const MARGIN = 32;
const HEAD = 40;
const FOOT = 24;
/** Of a state. */
const WIDTH = 8;
/** Shades on either side of zero: neighbors of one shade are drawn as one. */
const SHADES = 24;
const TALLEST = 12;
const ROOM = 640;

/** The cell states of units, a row each, over a part of the passage. */
export function drawHeatMap(
  { activity, units, tokens }: Insight,
  order: readonly number[],
  from: number,
  steps: number,
  title: string,
  palette: Palette,
): Drawing {
  const row = Math.max(2, Math.min(TALLEST, Math.floor(ROOM / order.length)));
  const shadeAt = (unit: number, t: number) =>
    Math.round(Math.tanh(activity.cell[(from + t) * units + unit]! / CELL_STEPS) * SHADES);
  const colorOf = (shade: number) =>
    mixed(palette.paper, shade < 0 ? palette.cool : palette.accent, Math.abs(shade) / SHADES);
  const draw = (pen: Pen) => {
    pen.text(MARGIN, MARGIN, title, { color: palette.ink, size: 15 });
    for (const [y, unit] of order.entries())
      for (let t = 0; t < steps; ) {
        const shade = shadeAt(unit, t);
        let end = t + 1;
        while (end < steps && shadeAt(unit, end) === shade) end++;
        pen.rect(MARGIN + t * WIDTH, MARGIN + HEAD / 2 + y * row, (end - t) * WIDTH, row, colorOf(shade));
        t = end;
      }
    for (let t = 0; t < steps; t++)
      pen.text(MARGIN + (t + 0.5) * WIDTH, MARGIN + HEAD / 2 + order.length * row + 14, glyph(tokens[from + t]!), {
        color: palette.muted,
        size: 11,
        anchor: "middle",
        isMono: true,
      });
  };
  return {
    width: 2 * MARGIN + steps * WIDTH,
    height: 2 * MARGIN + HEAD / 2 + order.length * row + FOOT,
    background: palette.paper,
    draw,
  };
}

/** A token's first character. */
const glyph = (token: string): string => (token.includes("\n") ? "↵" : ([...token.trim()][0] ?? " "));
