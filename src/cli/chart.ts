import { escapedMarkup } from "../common/show.js";
import type { Tick } from "./axis.js";

/** A named curve. */
export interface Curve extends Line {
  readonly name: string;
}

/** Without a name, it has no legend, and the color of the curve before. */
export interface Line {
  readonly name?: string;
  readonly values: readonly number[];
  /** Where it starts, in steps from the start of the first curve. Default 0. */
  readonly start?: number;
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/**
 * A curve as one line of text, at most `width` characters. A character that stands for several values shows their mean.
 */
export function sparkline(values: readonly number[], width: number): string {
  const means = downsample(values, width);
  const low = Math.min(...means);
  const range = Math.max(...means) - low || 1;
  return means.map((value) => BLOCKS[Math.min(7, Math.floor(((value - low) / range) * 8))]).join("");
}

/** A point of a curve: its step, and its value. */
type Point = readonly [step: number, value: number];

/**
 * A curve downsampled to at most so many columns. Each keeps its smallest and its largest value, in their order, so
 * that no peak or oscillation is lost.
 */
function extremes(values: readonly number[], columns: number): Point[] {
  if (values.length <= 2 * columns) return values.map((value, step) => [step, value]);
  const points: Point[] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i++) {
      if (values[i]! < values[low]!) low = i;
      if (values[i]! > values[high]!) high = i;
    }
    for (const step of new Set([Math.min(low, high), Math.max(low, high)])) points.push([step, values[step]!]);
  }
  // The curve ends at its last value, where another may continue.
  const last = values.length - 1;
  if (points.at(-1)![0] !== last) points.push([last, values[last]!]);
  return points;
}

function downsample(values: readonly number[], width: number): number[] {
  const length = Math.min(width, values.length);
  return Array.from({ length }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / length), Math.floor(((i + 1) * values.length) / length));
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
}

/** Loss curves by epoch, from 0 up, as an SVG picture. */
export function lossPlot(curves: readonly Curve[], title: string): string {
  const epochs = Math.max(1, ...curves.map(({ values }) => values.length));
  const ends = [
    { at: 0, label: "1", anchor: "start" },
    { at: Math.max(1, epochs - 1), label: `epoch ${epochs}`, anchor: "end" },
  ] as const;
  return plot(curves, { title, fromZero: true, ends });
}

/** An area between two curves. */
export interface Band {
  /** Such as "80 % interval"; without one, it has no legend. */
  readonly name?: string;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 60;
const RIGHT = 16;
const TOP = 44;
const BOTTOM = 48;
const COLORS = ["#2563eb", "#dc2626", "#059669", "#d97706"];
/** What browsers do with a picture that a dark page shows; other programs leave it light. */
const ON_DARK_PAGES =
  "@media (prefers-color-scheme: dark) { svg { fill: #d4cfc4 } .paper { fill: #171613 } " +
  '[stroke="#e5e7eb"] { stroke: #34322b } [stroke="#2563eb"] { stroke: #7fb6e6 } [stroke="#dc2626"] { stroke: #f08a6c } }';
/** The picture's pixels from left to right. */
const COLUMNS = WIDTH - LEFT - RIGHT;

/** What a picture of curves says beside them. */
export interface Axes {
  readonly title: string;
  /** Whether the lowest tick is 0 rather than near the smallest value. */
  readonly fromZero: boolean;
  /** Ticks on the horizontal axis, with a line each. */
  readonly ticks?: readonly Tick[];
  /** Labels at its ends. */
  readonly ends?: readonly (Tick & { readonly anchor: "start" | "end" })[];
  /** What the vertical axis measures, and what the horizontal one counts. */
  readonly unit?: string | undefined;
  readonly over?: string;
}

/** Curves over common steps, as an SVG picture. */
export function plot(
  curves: readonly Line[],
  { title, fromZero, ticks: marks = [], ends = [], unit, over }: Axes,
  bands: readonly (Band & { readonly start: number })[] = [],
): string {
  const shown = curves.filter(({ values }) => values.length > 0);
  const steps = Math.max(1, ...shown.map(({ values, start = 0 }) => start + values.length - 1));
  const drawn = shown.map(({ values }) => extremes(values, COLUMNS));
  const all = [
    ...drawn.flatMap((points) => points.map(([, value]) => value)),
    ...bands.flatMap(({ low, high }) => [...low, ...high]),
  ];
  const ticks = niceTicks(fromZero ? 0 : Math.min(...all), Math.max(...(all.length > 0 ? all : [1])));
  const [bottom, top] = [ticks[0]!, ticks.at(-1)!];
  const x = (step: number) => round(LEFT + (step / steps) * (WIDTH - LEFT - RIGHT));
  const y = (value: number) => round(HEIGHT - BOTTOM - ((value - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM));

  const grid = ticks.map(
    (tick) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e5e7eb"/>` +
      `<text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
  );
  const calendar = marks.map(
    ({ at, label }) =>
      `<line x1="${x(at)}" x2="${x(at)}" y1="${TOP}" y2="${HEIGHT - BOTTOM + 4}" stroke="#e5e7eb"/>` +
      `<text x="${x(at)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${escapedMarkup(label)}</text>`,
  );
  const corners = ends.map(
    ({ at, label, anchor }) =>
      `<text x="${x(at)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="${anchor}">${escapedMarkup(label)}</text>`,
  );
  const names = [
    ...(unit === undefined ? [] : [`<text x="${LEFT}" y="${TOP - 2}">${escapedMarkup(unit)}</text>`]),
    ...(over === undefined ? [] : [`<text x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${over}</text>`]),
  ];
  const areas = bands.map(({ low, high, start }) => {
    const there = high.map((value, step) => `${x(start + step)},${y(value)}`);
    const back = low.map((value, step) => `${x(start + step)},${y(value)}`).reverse();
    return `<polygon points="${[...there, ...back].join(" ")}" fill="${COLORS[1]}" fill-opacity="0.15"/>`;
  });
  let named = 0;
  const lines = shown.map(({ name, start = 0 }, i) => {
    const points = drawn[i]!;
    const path = points.map(([step, value]) => `${x(start + step)},${y(value)}`).join(" ");
    if (name !== undefined) named++;
    const color = COLORS[(named - 1) % COLORS.length];
    const legend = LEFT + 110 * (named - 1);
    const dot = points.length === 1 ? `<circle cx="${x(start)}" cy="${y(points[0]![1])}" r="3" fill="${color}"/>` : "";
    return (
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"/>${dot}` +
      (name === undefined
        ? ""
        : `<line x1="${legend}" x2="${legend + 18}" y1="${HEIGHT - 12}" y2="${HEIGHT - 12}" stroke="${color}" stroke-width="2"/>` +
          `<text x="${legend + 24}" y="${HEIGHT - 8}">${escapedMarkup(name)}</text>`)
    );
  });
  const fans = bands
    .flatMap(({ name }) => (name === undefined ? [] : [name]))
    .map((name, i) => {
      const legend = LEFT + 110 * (named + i);
      return (
        `<rect x="${legend}" y="${HEIGHT - 18}" width="18" height="12" fill="${COLORS[1]}" fill-opacity="${0.15 * (i + 1)}"/>` +
        `<text x="${legend + 24}" y="${HEIGHT - 8}">${escapedMarkup(name)}</text>`
      );
    });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#374151">
<title>${escapedMarkup(title)}</title>
<style>${ON_DARK_PAGES}</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff" class="paper"/>
<text x="${LEFT}" y="24" font-size="14" font-weight="600">${escapedMarkup(title)}</text>
${[...grid, ...calendar, ...corners, ...names, ...areas, ...lines, ...fans].join("\n")}
</svg>
`;
}

/** Up to seven round numbers, from at most `low` to at least `high`. */
export function niceTicks(low: number, high: number): number[] {
  const range = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(range / 5));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => range / candidate <= 5)!;
  const start = Math.floor(low / step);
  const count = Math.max(1, Math.ceil(high / step) - start);
  return Array.from({ length: count + 1 }, (_, i) => Number(((start + i) * step).toPrecision(6)));
}

const round = (n: number): number => Math.round(n * 100) / 100;

/** Pictures below one another, as one. */
export function stacked(pictures: readonly string[]): string {
  if (pictures.length === 1) return pictures[0]!;
  const placed = pictures.map((picture, i) =>
    picture.replace("<svg ", `<svg y="${i * HEIGHT}" width="${WIDTH}" height="${HEIGHT}" `),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT * pictures.length}">
${placed.join("")}</svg>
`;
}
