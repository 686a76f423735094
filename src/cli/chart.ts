/** One curve: its name, and a value for each epoch from the first on. */
export interface Curve {
  readonly name: string;
  readonly values: readonly number[];
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/** A curve in one line of text, at most `width` characters; where several values share one, their mean. */
export function sparkline(values: readonly number[], width: number): string {
  const means = shortened(values, width);
  const low = Math.min(...means);
  const range = Math.max(...means) - low || 1;
  return means.map((value) => BLOCKS[Math.min(7, Math.floor(((value - low) / range) * 8))]).join("");
}

function shortened(values: readonly number[], width: number): number[] {
  const length = Math.min(width, values.length);
  return Array.from({ length }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / length), Math.floor(((i + 1) * values.length) / length));
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 60;
const RIGHT = 16;
const TOP = 40;
const BOTTOM = 48;
const COLORS = ["#2563eb", "#dc2626"];
/** More points than the picture has pixels say nothing more. */
const MOST_POINTS = WIDTH - LEFT - RIGHT;

/** Loss curves by epoch as an SVG picture. */
export function lossPlot(curves: readonly Curve[], title: string): string {
  const shown = curves.filter(({ values }) => values.length > 0);
  const epochs = Math.max(1, ...shown.map(({ values }) => values.length));
  const highest = Math.max(0, ...shown.flatMap(({ values }) => shortened(values, MOST_POINTS)));
  const ticks = niceTicks(highest || 1);
  const top = ticks.at(-1)!;
  const x = (epoch: number) => round(LEFT + ((epoch - 1) / Math.max(1, epochs - 1)) * (WIDTH - LEFT - RIGHT));
  const y = (loss: number) => round(HEIGHT - BOTTOM - (loss / top) * (HEIGHT - TOP - BOTTOM));

  const grid = ticks.map(
    (tick) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e5e7eb"/>` +
      `<text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
  );
  const lines = shown.map(({ name, values }, i) => {
    const points = shortened(values, MOST_POINTS);
    const scale = Math.max(1, (values.length - 1) / Math.max(1, points.length - 1));
    const path = points.map((value, point) => `${x(1 + point * scale)},${y(value)}`).join(" ");
    const color = COLORS[i % COLORS.length];
    const legend = LEFT + 110 * i;
    const dot = points.length === 1 ? `<circle cx="${x(1)}" cy="${y(points[0]!)}" r="3" fill="${color}"/>` : "";
    return (
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"/>${dot}` +
      `<line x1="${legend}" x2="${legend + 18}" y1="${HEIGHT - 12}" y2="${HEIGHT - 12}" stroke="${color}" stroke-width="2"/>` +
      `<text x="${legend + 24}" y="${HEIGHT - 8}">${escaped(name)}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#374151">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${LEFT}" y="24" font-size="14" font-weight="600">${escaped(title)}</text>
${grid.join("\n")}
<text x="${LEFT}" y="${HEIGHT - BOTTOM + 16}">1</text>
<text x="${WIDTH - RIGHT}" y="${HEIGHT - BOTTOM + 16}" text-anchor="end">epoch ${epochs}</text>
${lines.join("\n")}
</svg>
`;
}

/** Up to six round numbers from 0 to at least `highest`. */
function niceTicks(highest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(highest / 5));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => highest / candidate <= 5)!;
  const count = Math.ceil(highest / step);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

const round = (n: number): number => Math.round(n * 100) / 100;

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]!);
