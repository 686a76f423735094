import { escapedMarkup } from "#lstm/common/show.js";

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** CSS. */
  readonly color: string;
}

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

/**
 * Horizontal bars on a logarithmic axis, in two columns, as SVG. The background is a white card, readable on light and dark
 * pages alike.
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
  const drawn = columns.map(
    (column, i) =>
      `<g transform="translate(${MARGIN + i * (COLUMN + GUTTER)},${TOP})">\n${drawColumn(column, decades, x, height)}\n</g>`,
  );
  const notes = captions.map(
    (caption, i) =>
      `<text x="${MARGIN}" y="${TOP + height + CAPTION * (i + 1)}" fill="#57606a">${escapedMarkup(caption)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="11" fill="#24292f">
<title>${escapedMarkup(title)}</title>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${total - 1}" rx="8" fill="#ffffff" stroke="#d0d7de"/>
<text x="${MARGIN}" y="30" font-size="16" font-weight="600">${escapedMarkup(title)}</text>
<text x="${MARGIN}" y="48" fill="#57606a">${escapedMarkup(unit)}</text>
${drawn.join("\n")}
${notes.join("\n")}
</svg>
`;
}

function drawColumn(
  groups: readonly BarGroup[],
  decades: number[],
  x: (value: number) => number,
  height: number,
): string {
  const bottom = height - AXIS;
  const grid = decades.map(
    (decade) =>
      `<line x1="${x(decade)}" x2="${x(decade)}" y1="0" y2="${bottom}" stroke="#eaeef2"/>` +
      `<text x="${x(decade)}" y="${bottom + 14}" text-anchor="middle" fill="#57606a">${decadeLabel(decade)}</text>`,
  );
  let y = 0;
  const drawn = groups.map((group) => {
    const lines = [
      `<rect x="0" y="${y}" width="${COLUMN}" height="${TITLE - 4}" fill="#ffffff"/>`,
      `<text x="0" y="${y + 14}"><tspan font-size="12" font-weight="600">${escapedMarkup(group.title)}</tspan><tspan dx="8" fill="#57606a">${escapedMarkup(group.detail)}</tspan></text>`,
    ];
    y += TITLE;
    for (const { label, value, color } of group.bars) {
      const end = x(value);
      lines.push(
        `<text x="${LABELS - 6}" y="${y + BAR - 1.5}" text-anchor="end">${escapedMarkup(label)}</text>` +
          `<rect x="${LABELS}" y="${y}" width="${round(Math.max(1, end - LABELS))}" height="${BAR}" rx="1.5" fill="${color}"/>` +
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
