import { count } from "../elements/format.js";

/** A value in the unit of a series, to four digits. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 10_000) return count(value);
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

/** A share as a percentage, with as few digits as it takes. */
export const percentage = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** Shows the numbers of a column with the same decimals: those of the largest, to four digits. */
export function alike(column: readonly (number | undefined)[]): (value: number) => string {
  const largest = column.reduce<number>(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value!)) : most),
    0,
  );
  if (largest === 0 || largest >= 10_000) return shown;
  const decimals = Math.min(10, Math.max(0, 3 - Math.floor(Math.log10(largest))));
  return (value) => (Number.isFinite(value) ? value.toFixed(decimals).replace("-", "−") : "–");
}
