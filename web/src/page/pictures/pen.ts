// Pictures as files: the same strokes as pixels and as SVG.

/** The style sheet's colors, as the page has them now. */
export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly hairline: string;
  readonly accent: string;
  readonly cool: string;
}

/** How a text is set. */
export interface Lettering {
  readonly color: string;
  readonly size: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly isMono?: boolean;
}

export type Point = readonly [x: number, y: number];

/** What draws: lengths are in the picture's pixels, from its left upper corner. */
export interface Pen {
  rect(x: number, y: number, width: number, height: number, color: string): void;
  line(points: readonly Point[], color: string, width: number, dash?: readonly number[]): void;
  /** A filled polygon. */
  area(corners: readonly Point[], color: string): void;
  text(x: number, y: number, text: string, lettering: Lettering): void;
}

/** A picture to be drawn. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly draw: (pen: Pen) => void;
}

const SANS = "system-ui, sans-serif";
const MONO = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const [paper, ink, muted] = [color("paper"), color("ink"), color("muted")];
  return { paper, ink, muted, hairline: color("hairline"), accent: color("accent"), cool: color("cool") };
}

/** A color between two of the style sheet's, six digits each. */
export function mixed(from: string, to: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [a, b] = [from, to].map((color) => Number.parseInt(color.slice(at, at + 2), 16)) as [number, number];
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${parts.join("")}`;
}

/** Pixels of a file per pixel of a picture. */
const SCALE = 2;

export async function pngOf({ width, height, background, draw }: Drawing): Promise<Blob> {
  const canvas = new OffscreenCanvas(width * SCALE, height * SCALE);
  const context = canvas.getContext("2d")!;
  context.scale(SCALE, SCALE);
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  draw({
    rect(x, y, w, h, color) {
      context.fillStyle = color;
      context.fillRect(x, y, w, h);
    },
    line(points, color, thickness, dash = []) {
      context.strokeStyle = color;
      context.lineWidth = thickness;
      context.setLineDash([...dash]);
      trace(context, points);
      context.stroke();
    },
    area(corners, color) {
      context.fillStyle = color;
      trace(context, corners);
      context.fill();
    },
    text(x, y, text, { color, size, anchor = "start", isMono = false }) {
      context.fillStyle = color;
      context.font = `${size}px ${isMono ? MONO : SANS}`;
      context.textAlign = anchor === "middle" ? "center" : anchor;
      context.fillText(text, x, y);
    },
  });
  return canvas.convertToBlob({ type: "image/png" });
}

function trace(context: OffscreenCanvasRenderingContext2D, points: readonly Point[]): void {
  context.beginPath();
  for (const [i, [x, y]] of points.entries()) i === 0 ? context.moveTo(x, y) : context.lineTo(x, y);
}

export function svgOf({ width, height, background, draw }: Drawing): Blob {
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" fill="${background}"/>`,
  ];
  draw({
    rect: (x, y, w, h, color) =>
      void parts.push(
        `<rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}" fill="${color}"/>`,
      ),
    line: (points, color, thickness, dash) =>
      void parts.push(
        `<polyline points="${listed(points)}" fill="none" ` +
          `stroke="${color}" stroke-width="${thickness}"${dash ? ` stroke-dasharray="${dash.join(" ")}"` : ""}/>`,
      ),
    area: (corners, color) => void parts.push(`<polygon points="${listed(corners)}" fill="${color}"/>`),
    text: (x, y, text, { color, size, anchor = "start", isMono = false }) =>
      void parts.push(
        `<text x="${short(x)}" y="${short(y)}" fill="${color}" font-size="${size}" text-anchor="${anchor}" ` +
          `font-family="${isMono ? MONO : SANS}" xml:space="preserve">${escaped(text)}</text>`,
      ),
  });
  return new Blob([...parts, "</svg>\n"], { type: "image/svg+xml" });
}

const listed = (points: readonly Point[]): string => points.map(([x, y]) => `${short(x)},${short(y)}`).join(" ");

const short = (value: number): string => String(Math.round(value * 100) / 100);

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML has no control characters. */
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character]!).replace(/\p{Cc}|\p{Cs}/gu, "\uFFFD");
