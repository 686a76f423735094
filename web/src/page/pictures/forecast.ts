import type { ShownSeries } from "../../common/series.js";
import { count } from "../elements/format.js";
import { type Drawing, mixed, type Palette, type Pen, type Point } from "./pen.js";
import { ticks } from "./ticks.js";

const [WIDTH, HEIGHT] = [900, 420];
const [LEFT, TOP, RIGHT, BOTTOM] = [64, 48, 24, 48];
/** The part of the axis that is left free above and below the lines. */
const FREE = 0.05;
/** How strongly an interval is colored. */
const SHADE = 0.2;

/** A series with the forecasts of its held-out rows and of those to come, and their interval. */
export function drawForecast(shown: ShownSeries, share: string | undefined, palette: Palette): Drawing {
  const { lines, target, id, isDated, testFrom, forecastRows } = shown;
  const { x: places, actual, tested, forecast, low, high, marked } = lines;
  const [first, last] = [places[0] ?? 0, places.at(-1) ?? 1];
  const [least, most] = extent([actual, tested, forecast, low, high]);
  const x = (place: number) => LEFT + ((place - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - ((value - least) / (most - least || 1)) * (HEIGHT - TOP - BOTTOM);
  const pointsOf = (values: Float64Array): Point[] =>
    Array.from(values, (value, i): Point => [x(places[i]!), y(value)]).filter(([, height]) => Number.isFinite(height));
  const names = [
    ["actual", palette.ink],
    ...(testFrom === undefined ? [] : [["forecast of held-out rows", palette.accent]]),
    ...(forecastRows > 0 ? [["forecast (dashed)", palette.accent]] : []),
    ...(share === undefined ? [] : [[`${share} interval`, mixed(palette.paper, palette.accent, 0.5)]]),
  ] as [string, string][];
  const draw = (pen: Pen) => {
    const small = { color: palette.muted, size: 12 };
    pen.text(LEFT, 24, id === undefined ? target : `${target} of ${id}`, { color: palette.ink, size: 15 });
    let right = WIDTH - RIGHT;
    for (const [name, color] of names.reverse()) {
      pen.text(right, 24, name, { color, size: 12, anchor: "end" });
      right -= 7 * name.length + 12;
    }
    for (const tick of ticks(least, most)) {
      pen.line([[LEFT, y(tick)], [WIDTH - RIGHT, y(tick)]], palette.hairline, 1); // biome-ignore format: two ends
      pen.text(LEFT - 8, y(tick) + 4, Math.abs(tick) >= 1000 ? count(tick) : String(tick), { ...small, anchor: "end" });
    }
    for (const [place, title] of isDated ? dates(first, last) : numbers(first, last))
      pen.text(x(place), HEIGHT - BOTTOM + 20, title, { ...small, anchor: "middle" });
    pen.area([...pointsOf(high), ...pointsOf(low).reverse()], mixed(palette.paper, palette.accent, SHADE));
    pen.line(pointsOf(actual), palette.ink, 1.5);
    pen.line(pointsOf(tested), palette.accent, 2);
    pen.line(pointsOf(forecast), palette.accent, 2, [6, 4]);
    for (const [left, top] of pointsOf(marked))
      pen.text(left, top + 5, "○", { color: palette.accent, size: 15, anchor: "middle" });
  };
  return { width: WIDTH, height: HEIGHT, background: palette.paper, draw };
}

function extent(lines: readonly Float64Array[]): [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of lines)
    for (const value of line) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  if (least > most) return [0, 1];
  const free = (most - least) * FREE;
  return [least - free, most + free];
}

const numbers = (first: number, last: number): [number, string][] =>
  ticks(first, last)
    .filter(Number.isInteger)
    .map((row) => [row, count(row)]);

/** Dates to tell, at most. */
const MOST_DATES = 8;
/** Years, months and days: how many characters of a date tell them, and their mean length in seconds. */
const UNITS: readonly (readonly [characters: number, seconds: number])[] = [
  [4, 365.25 * 86_400],
  [7, 30.44 * 86_400],
  [10, 86_400],
];

const HOUR = 3600;

/** Beginnings of years, months or days, or round numbers of hours: seconds since 1970, and how they are written. */
export function dates(first: number, last: number): [number, string][] {
  const written = (time: number, characters: number): [number, string] => [
    time,
    new Date(time * 1000).toISOString().slice(0, characters).replace("T", " "),
  ];
  const span = last - first;
  const unit = UNITS.find(([, seconds]) => span >= 2 * seconds);
  if (!unit) return ticks(first / HOUR, last / HOUR).map((hour) => written(hour * HOUR, 16));
  const [characters, seconds] = unit;
  const start = new Date(first * 1000);
  const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()];
  const begins = (after: number) =>
    characters === 4
      ? Date.UTC(year + after, 0)
      : characters === 7
        ? Date.UTC(year, month + after)
        : Date.UTC(year, month, day + after);
  const every = Math.ceil(span / seconds / MOST_DATES);
  return Array.from({ length: MOST_DATES + 2 }, (_, i) => begins(i * every) / 1000)
    .filter((time) => time >= first && time <= last)
    .map((time) => written(time, characters));
}
