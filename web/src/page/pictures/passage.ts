import type { Insight } from "../../common/insight.js";
import { type Drawing, mixed, type Palette, type Pen } from "./pen.js";

const SIZE = 15;
/** Of a character and of a line. */
const [WIDTH, HEIGHT] = [9.2, 24];
const COLUMNS = 90;
const MARGIN = 32;
const HEAD = 40;

/** A passage, each token shaded from 0 to 1, or below 0 in the cool color. */
export function drawPassage({ tokens }: Insight, shades: ArrayLike<number>, title: string, palette: Palette): Drawing {
  const places = layOut(tokens);
  const lines = places.length === 0 ? 1 : places.at(-1)!.line + 1;
  const draw = (pen: Pen) => {
    pen.text(MARGIN, MARGIN, title, { color: palette.ink, size: SIZE });
    for (const { token, line, column } of places) {
      const text = tokens[token]!.replaceAll("\n", "↵");
      const [x, y] = [MARGIN + column * WIDTH, MARGIN + HEAD + line * HEIGHT];
      const shade = shades[token]!;
      const color = mixed(palette.paper, shade < 0 ? palette.cool : palette.accent, Math.abs(shade) * 0.62);
      if (shade !== 0) pen.rect(x, y - HEIGHT * 0.7, [...text].length * WIDTH, HEIGHT - 2, color);
      [...text].forEach((character, i) => {
        if (character.trim() === "") return;
        pen.text(x + (i + 0.5) * WIDTH, y, character, {
          color: character === "↵" ? palette.muted : palette.ink,
          size: SIZE,
          anchor: "middle",
          isMono: true,
        });
      });
    }
  };
  const height = 2 * MARGIN + HEAD + (lines - 1) * HEIGHT;
  return { width: Math.ceil(2 * MARGIN + COLUMNS * WIDTH), height, background: palette.paper, draw };
}

interface Place {
  readonly token: number;
  readonly line: number;
  readonly column: number;
}

function layOut(tokens: readonly string[]): Place[] {
  let [line, column] = [0, 0];
  return tokens.map((text, token) => {
    const { length } = [...text];
    if (column + length > COLUMNS && column > 0) [line, column] = [line + 1, 0];
    const place = { token, line, column };
    column += length;
    if (text.includes("\n")) [line, column] = [line + 1, 0];
    return place;
  });
}
