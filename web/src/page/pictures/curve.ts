import type { Curve } from "../../common/protocol.js";
import { count } from "../elements/format.js";
import type { Drawing, Palette, Pen } from "./pen.js";
import { ticks } from "./ticks.js";

const [WIDTH, HEIGHT] = [900, 420];
const [LEFT, TOP, RIGHT, BOTTOM] = [64, 48, 24, 48];

/** A run's losses by epoch, with those of an earlier run. */
export function drawCurve(curve: Curve, earlier: Curve | undefined, unit: string, palette: Palette): Drawing {
  const all = [curve, ...(earlier ? [earlier] : [])];
  const last = Math.max(...all.map(({ epochs }) => epochs.at(-1) ?? 0), 1);
  const most = Math.max(
    ...all.flatMap(({ training, validation }) => [...training, ...validation]).filter(Number.isFinite),
  );
  const x = (epoch: number) => LEFT + (epoch / last) * (WIDTH - LEFT - RIGHT);
  const y = (loss: number) => HEIGHT - BOTTOM - (loss / most) * (HEIGHT - TOP - BOTTOM);
  const draw = (pen: Pen) => {
    const small = { color: palette.muted, size: 12 };
    pen.text(LEFT, 24, `Loss in ${unit}, by epoch`, { color: palette.ink, size: 15 });
    for (const tick of ticks(0, most)) {
      pen.line([[LEFT, y(tick)], [WIDTH - RIGHT, y(tick)]], palette.hairline, 1); // biome-ignore format: two ends
      pen.text(LEFT - 8, y(tick) + 4, String(tick), { ...small, anchor: "end" });
    }
    for (const tick of ticks(0, last))
      pen.text(x(tick), HEIGHT - BOTTOM + 20, count(tick), { ...small, anchor: "middle" });
    const trace = ({ epochs }: Curve, losses: Float64Array, color: string, width: number, dash?: readonly number[]) => {
      const points = Array.from(epochs, (epoch, i) => [x(epoch), y(losses[i]!)] as const);
      pen.line(
        points.filter(([, height]) => Number.isFinite(height)),
        color,
        width,
        dash,
      );
    };
    if (earlier) trace(earlier, earlier.training, palette.muted, 1.5);
    trace(curve, curve.validation, palette.ink, 1.5, [5, 4]);
    trace(curve, curve.training, palette.accent, 2);
    const names = [
      ["training", palette.accent],
      ...(curve.validation.some(Number.isFinite) ? [["validation", palette.ink]] : []),
      ...(earlier ? [["the run before", palette.muted]] : []),
    ] as const;
    for (const [i, [name, color]] of names.entries())
      pen.text(WIDTH - RIGHT - 120 * i, 24, name!, { color: color!, size: 12, anchor: "end" });
  };
  return { width: WIDTH, height: HEIGHT, background: palette.paper, draw };
}
