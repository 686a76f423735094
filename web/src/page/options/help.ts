import { OPTION_HELP } from "#option-help";
import type { Field, FieldSpec } from "./fields.js";
import { withLabels } from "./labels.js";

/** Help texts of the page's own settings. */
const OWN_HELP: Readonly<Record<string, string>> = {
  level: "What the model reads and predicts one at a time.",
  interval: "Share of the values that the interval around a forecast should hold, in percent; 0 forecasts none.",
  score: "How far out a row lies that is marked: 1 is the end of its interval, 2 twice as far from the middle.",
};

/** Bounds this large only guard against typing errors. */
const LARGE = 1_000_000;

/** What an option does, and which values it takes. */
export function helpOf({ table, option, spec }: Field): string {
  const text = OPTION_HELP[table]?.[option] ?? OWN_HELP[option] ?? "";
  const saysBound = spec.min === 0 && meaningOfZero({ table, option, spec }) !== undefined;
  const range = rangeOf(spec);
  return [withLabels(text.replaceAll("`", ""), table), saysBound && range === "At least 0." ? "" : range]
    .filter(Boolean)
    .join(" ");
}

/** What 0 means, where that is nothing that a smaller and smaller number would come to. */
export function meaningOfZero(field: Field): string | undefined {
  return /[;.] (0 [^.;]+)/.exec(OPTION_HELP[field.table]?.[field.option] ?? "")?.[1];
}

/** "From 1 to 8192.", "Above 0, at most 1.", "At least 0." */
function rangeOf({ min, above, max, below }: FieldSpec): string {
  const isBound = (bound: number | undefined) => bound !== undefined && Math.abs(bound) < LARGE;
  const hasHigh = isBound(max) || isBound(below);
  if (isBound(min)) return hasHigh ? `From ${min} to ${isBound(max) ? max : `below ${below}`}.` : `At least ${min}.`;
  const high = isBound(max) ? `at most ${max}` : isBound(below) ? `below ${below}` : "";
  const range = [isBound(above) ? `above ${above}` : "", high].filter(Boolean).join(", ");
  return range === "" ? "" : `${range.charAt(0).toUpperCase()}${range.slice(1)}.`;
}
