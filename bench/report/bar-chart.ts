import { escapedMarkup } from "#lstm/common/show.js";

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly color: Color;
}

/** In CSS, on a light and on a dark page. */
export type Color = readonly [light: string, dark: string];

/** Bars to compare with one another. */
export interface BarGroup {
  readonly title: string;
  readonly detail: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 920;
const MARGIN = 20;
const GUTTER = 36;
const COLUMN = (WIDTH - 2 * MARGIN - GUTTER) / 2;
/** From the left of the column to where the bars start. */
const LABELS = 148;
/** Room for the value to the right of the longest bar. */
const VALUES = 48;
const TOP = 64;
const ROW = 16;
const BAR = 11;
const TITLE = 24;
const GAP = 14;
const AXIS = 30;
const CAPTION = 15;

/** As on the page: web/src/style/tokens.css. */
const TEXT: Color = ["#1c1b18", "#f0ede4"];
const QUIET: Color = ["#68645b", "#a8a397"];
const CARD: Color = ["#fbfaf6", "#171613"];
const BORDER: Color = ["#e2ded3", "#34322b"];
const GRID: Color = ["#e2ded3", "#34322b"];

/**
 * Horizontal bars on a logarithmic axis, in two columns, as SVG. It is light or dark as the page is that shows it: browsers tell
 * a picture the color scheme of the page's element.
 *
 * @param unit of the axis
 * @param captions lines below the chart
 */
export function barChart(
  groups: readonly BarGroup[],
  title: string,
  unit: string,
  captions: readonly string[],
): string {
  const columns = splitInTwo(groups);
  const height = Math.max(...columns.map(heightOf)) + AXIS;
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0);
  // Low enough that even the shortest bar shows.
  const low = Math.floor(Math.log10(Math.min(...values, 1e3) / 1.5));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1e3))));
  const x = (value: number) =>
    round(LABELS + Math.max(0, (Math.log10(value) - low) / (high - low)) * (COLUMN - LABELS - VALUES));
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  const total = TOP + height + CAPTION * captions.length + MARGIN;
  const colors = [...new Set(groups.flatMap(({ bars }) => bars.map(({ color }) => color)))];
  const drawn = columns.map(
    (column, i) =>
      `<g transform="translate(${MARGIN + i * (COLUMN + GUTTER)},${TOP})">\n${drawColumn(column, decades, colors, x, height)}\n</g>`,
  );
  const notes = captions.map(
    (caption, i) =>
      `<text x="${MARGIN}" y="${TOP + height + CAPTION * (i + 1)}" class="quiet">${escapedMarkup(caption)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="11">
<title>${escapedMarkup(title)}</title>
<style>
${styles(colors, 0)}
@media (prefers-color-scheme: dark) {
${styles(colors, 1)}
}
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${total - 1}" rx="8" class="card"/>
<text x="${MARGIN}" y="30" font-size="16" font-weight="600">${escapedMarkup(title)}</text>
<text x="${MARGIN}" y="48" class="quiet">${escapedMarkup(unit)}</text>
${drawn.join("\n")}
${notes.join("\n")}
</svg>
`;
}

/** What the classes look like on a page that is light (0) or dark (1). */
function styles(colors: readonly Color[], scheme: 0 | 1): string {
  const bars = colors.map((color, i) => `.bar${i} { fill: ${color[scheme]} }`);
  return `svg { fill: ${TEXT[scheme]} } .quiet { fill: ${QUIET[scheme]} } .grid { stroke: ${GRID[scheme]} }
.card { fill: ${CARD[scheme]}; stroke: ${BORDER[scheme]} } .behind { fill: ${CARD[scheme]} } ${bars.join(" ")}`;
}

function drawColumn(
  groups: readonly BarGroup[],
  decades: number[],
  colors: readonly Color[],
  x: (value: number) => number,
  height: number,
): string {
  const bottom = height - AXIS;
  const grid = decades.map(
    (decade) =>
      `<line x1="${x(decade)}" x2="${x(decade)}" y1="0" y2="${bottom}" class="grid"/>` +
      `<text x="${x(decade)}" y="${bottom + 14}" text-anchor="middle" class="quiet">${decadeLabel(decade)}</text>`,
  );
  let y = 0;
  const drawn = groups.map((group) => {
    const lines = [
      `<rect x="0" y="${y}" width="${COLUMN}" height="${TITLE - 4}" class="behind"/>`,
      `<text x="0" y="${y + 14}"><tspan font-size="12" font-weight="600">${escapedMarkup(group.title)}</tspan><tspan dx="8" class="quiet">${escapedMarkup(group.detail)}</tspan></text>`,
    ];
    y += TITLE;
    for (const { label, value, color } of group.bars) {
      const end = x(value);
      lines.push(
        `<text x="${LABELS - 6}" y="${y + BAR - 1.5}" text-anchor="end">${escapedMarkup(label)}</text>` +
          `<rect x="${LABELS}" y="${y}" width="${round(Math.max(1, end - LABELS))}" height="${BAR}" rx="1.5" class="bar${colors.indexOf(color)}"/>` +
          `<text x="${round(end + 5)}" y="${y + BAR - 1.5}">${short(value)}</text>`,
      );
      y += ROW;
    }
    y += GAP;
    return lines.join("\n");
  });
  return [...grid, ...drawn].join("\n");
}

/** Splits the groups, in order, into two columns of about the same height. */
function splitInTwo(groups: readonly BarGroup[]): [readonly BarGroup[], readonly BarGroup[]] {
  const cuts = Array.from({ length: groups.length + 1 }, (_, i) => i);
  const higher = (cut: number) => Math.max(heightOf(groups.slice(0, cut)), heightOf(groups.slice(cut)));
  const best = cuts.reduce((a, b) => (higher(b) < higher(a) ? b : a), groups.length);
  return [groups.slice(0, best), groups.slice(best)];
}

const heightOf = (groups: readonly BarGroup[]): number =>
  groups.reduce((sum, { bars }) => sum + TITLE + ROW * bars.length + GAP, 0);

/** Three digits: 85.0, 850, 8.50k, 85.0k, 850k, 1.20M. */
function short(value: number): string {
  const [unit, scale] = value >= 999_500 ? ["M", 1e6] : value >= 999.5 ? ["k", 1e3] : ["", 1];
  return `${(value / scale).toPrecision(3)}${unit}`;
}

/** 10, 100, 1k, 10k, … */
const decadeLabel = (value: number): string =>
  value >= 1e6 ? `${value / 1e6}M` : value >= 1e3 ? `${value / 1e3}k` : String(value);

const round = (n: number): number => Math.round(n * 100) / 100;
