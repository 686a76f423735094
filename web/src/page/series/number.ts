import { count } from "../elements/format.js";

/** A value in the unit of a series, to four digits. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 10_000) return count(value);
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

/** A share as a percentage, with as few digits as it takes. */
export const percentage = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
