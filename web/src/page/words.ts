// Figures and times as the page tells them.

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const count = (value: number): string => WHOLE.format(value);

export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

export const plural = (value: number, thing: string): string => `${count(value)} ${thing}${value === 1 ? "" : "s"}`;

/** A loss to four places, or in exponent form where that would be 0. */
export const loss = (value: number): string =>
  value !== 0 && value < 0.0001 ? value.toExponential(1) : value.toFixed(4);

/** A rate, rounded to what the eye can follow. */
export const rate = (value: number): string => count(Number(value.toPrecision(3)));

export function duration(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** How long ago something was. */
export function ago(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 60) return "moments ago";
  if (seconds < 5400) return `${plural(Math.round(seconds / 60), "minute")} ago`;
  if (seconds < 129_600) return `${plural(Math.round(seconds / 3600), "hour")} ago`;
  return `${plural(Math.round(seconds / 86_400), "day")} ago`;
}
