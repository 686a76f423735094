import { count, plural } from "../../common/words.js";

// Numbers and times as the page shows them.

export { count, plural };

export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** Four decimal places, or exponent form where they would all be 0. */
export const loss = (value: number): string =>
  value !== 0 && value < 0.0001 ? value.toExponential(1) : value.toFixed(4);

/** Three digits: more would flicker. */
export const rate = (value: number): string => count(Number(value.toPrecision(3)));

export function duration(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function ago(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 60) return "moments ago";
  if (seconds < 5400) return `${plural(Math.round(seconds / 60), "minute")} ago`;
  if (seconds < 129_600) return `${plural(Math.round(seconds / 3600), "hour")} ago`;
  return `${plural(Math.round(seconds / 86_400), "day")} ago`;
}

/** A file's size: "312 bytes", "41 kB", "2.3 MB". */
export function bytes(size: number): string {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** A number of epochs: "12 epochs", "0.35 epochs". */
export const epochs = (value: number): string =>
  Number.isInteger(value) ? plural(value, "epoch") : `${value < 10 ? value.toFixed(2) : count(value)} epochs`;

/** A probability: "24 %", "0.3 %". */
export const chance = (value: number): string => `${(value * 100).toFixed(value < 0.0995 ? 1 : 0)} %`;

/** A number with its sign, a true minus. */
export const signed = (value: number): string =>
  value
    .toFixed(2)
    .replace(/^-(?=0\.00$)/, "")
    .replace("-", "−");

/** A surprise: "1.5 bits", "∞ bits" where nothing was less likely. */
export const bits = (value: number): string => `${Number.isFinite(value) ? value.toFixed(1) : "∞"} bits`;
