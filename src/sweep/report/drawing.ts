import { escapedMarkup } from "../../common/show.js";

/** A picture's size, and the space around what it shows, in pixels. */
export const WIDTH = 900;
export const HEIGHT = 360;
export const MARGIN = { left: 70, right: 70, top: 40, bottom: 40 } as const;

/** From the best trial's color to the worst's: a hue that darkens, for all eyes and for paper. */
export function colorOf(rank: number, of: number): string {
  const share = of > 1 ? rank / (of - 1) : 0;
  return `hsl(${Math.round(220 - 20 * share)} ${Math.round(80 - 60 * share)}% ${Math.round(40 + 40 * share)}%)`;
}

/** A point with as many digits as a picture has use for. */
export const point = (x: number, y: number): string => `${x.toFixed(1)},${y.toFixed(1)}`;

/** A line through points, which says what it is when the mouse is over it. */
export const line = (points: readonly string[], color: string, width: number, title: string): string =>
  `<polyline points="${points.join(" ")}" stroke="${color}" stroke-width="${width}">` +
  `<title>${escapedMarkup(title)}</title></polyline>`;

/** A text, of which `anchor` says what is at the point. */
export const text = (x: number, y: number, words: string, anchor: "start" | "middle" | "end" = "start"): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escapedMarkup(words)}</text>`;

/** An axis from top to bottom. */
export const axis = (x: number): string =>
  `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}" stroke="#9ca3af"/>`;

/** A picture of these parts. */
export const picture = (parts: readonly string[], title: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" ` +
  `font-size="12" fill="#374151" role="img" aria-label="${escapedMarkup(title)}">\n${parts.join("\n")}\n</svg>`;

/** Where a value lies between two others, from 0 to 1. */
export const shareOf = (value: number, low: number, high: number): number =>
  high > low ? (value - low) / (high - low) : 0.5;

/** The height of a share of the way up. */
export const heightOf = (share: number): number =>
  HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.top - MARGIN.bottom);
