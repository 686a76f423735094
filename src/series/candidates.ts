import type { SeriesPart } from "./dataset.js";
import type { Encoding } from "./encoder.js";
import { naiveError } from "./metrics.js";
import type { ForecasterSettings } from "./options.js";
import type { TargetTransform } from "./target-transform.js";

/** The encodings that `auto` stands for, the simplest first. */
export function candidates(settings: ForecasterSettings, parts: readonly SeriesPart[]): Encoding[] {
  const { horizon, season } = settings;
  const least = parts.reduce((least, part) => Math.min(least, leastOf(part)), Number.POSITIVE_INFINITY);
  const positive: readonly TargetTransform[] = parts.every(isFarAboveZero) ? ["none", "log"] : ["none"];
  const transforms = least === 0 ? (["none", "log1p"] as const) : positive;
  const longest = parts.reduce((most, { to }) => Math.max(most, to), 0);
  const hasSeasons = season > 1 && longest >= 2 * season + horizon;
  const differences = hasSeasons ? (["seasonal", "first", "none"] as const) : (["first", "none"] as const);
  const all: Encoding[] = [];
  for (const transform of settings.transform === "auto" ? transforms : [settings.transform])
    for (const difference of settings.difference === "auto" ? differences : [settings.difference]) {
      // Levels and changes mean something by themselves within one series; among many, beside what came before.
      const usual = difference === "none" || parts.length > 1 ? "window" : "standard";
      const scaling = settings.scaling === "auto" ? usual : settings.scaling;
      const window = windowFor(settings, difference, parts);
      const floor = transform === "log" ? least / 2 : least;
      all.push({ transform, floor, difference, scaling, window, horizon, season });
    }
  return all;
}

/** Values below this share of the largest make logarithms that say more about the small ones than about the rest. */
const FAR_ABOVE_ZERO = 0.05;

/** Whether a series is so far above 0 that a usual change does not take it there. */
function isFarAboveZero(part: SeriesPart): boolean {
  const values = part.input.target.subarray(0, part.to);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return leastOf(part) > Math.max(naiveError(values), FAR_ABOVE_ZERO * most);
}

const leastOf = ({ input, to }: SeriesPart): number =>
  input.target.subarray(0, to).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

/** A window that nine in ten series can fill, or all but one. */
function windowFor(
  { window, season }: ForecasterSettings,
  difference: Encoding["difference"],
  parts: readonly SeriesPart[],
): number {
  const lag = { none: 0, first: 1, seasonal: season }[difference];
  const rows = parts.map(({ to }) => to - lag).sort((a, b) => a - b);
  const few = rows.length > 1 ? 1 : 0;
  return Math.max(1, Math.min(window, rows[Math.max(few, Math.floor(rows.length / 10))]!));
}
