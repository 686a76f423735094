/** Colors on either side of zero. */
const SHADES = 127;

/** The color of a number from −1 to 1 as four bytes, from the style sheet's cool color over its paper to its warm one. */
export function colorScale(element: Element): (value: number) => number {
  const style = getComputedStyle(element);
  const [cool, paper, warm] = ["--cool", "--paper", "--accent"].map((name) => parseHex(style.getPropertyValue(name)));
  const shades = Uint32Array.from({ length: 2 * SHADES + 1 }, (_, i) => {
    const value = i / SHADES - 1;
    return mix(paper!, value < 0 ? cool! : warm!, Math.abs(value));
  });
  return (value) => shades[Math.round((value + 1) * SHADES)]!;
}

type Color = readonly [number, number, number];

const parseHex = (text: string): Color => {
  const number = Number.parseInt(text.trim().slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
};

/** As a canvas has it: alpha, blue, green, red from the highest byte down. */
function mix(from: Color, to: Color, share: number): number {
  const [r, g, b] = from.map((value, i) => Math.round(value + (to[i]! - value) * share)) as [number, number, number];
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}
