import { CELL_STEPS, type Insight } from "../../common/insight.js";

/** What the units of a network can be sorted by. */
export const FEATURES = {
  variance: "how much they move",
  word: "position in the word",
  line: "position in the line",
  space: "just after a space",
  quotes: "inside quotation marks",
} as const;
export type Feature = keyof typeof FEATURES;

/** A unit of the network, and how strongly it does what it was sorted by. */
export interface RankedUnit {
  readonly unit: number;
  /** Its standard deviation, or its correlation with the feature, from −1 to 1. */
  readonly score: number;
}

/** The units, those first that follow the feature most closely in either direction. */
export function rankUnits(insight: Insight, feature: Feature): RankedUnit[] {
  const wanted = feature === "variance" ? undefined : featureOf(insight.tokens, feature);
  const ranked = Array.from({ length: insight.units }, (_, unit): RankedUnit => {
    const states = statesOf(insight, unit);
    return { unit, score: wanted ? correlation(states, wanted) : deviation(states) };
  });
  return ranked.sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
}

/** The features that differ from place to place in a passage. */
export const featuresIn = (tokens: readonly string[]): Feature[] =>
  (Object.keys(FEATURES) as Feature[]).filter(
    (feature) => feature === "variance" || deviation(featureOf(tokens, feature)) > 0,
  );

/** A feature's value at each token. */
export function featureOf(tokens: readonly string[], feature: Exclude<Feature, "variance">): Float64Array {
  let [line, word, isQuoted, isAfterSpace] = [0, 0, false, false];
  return Float64Array.from(tokens, (token) => {
    const isSpace = /^\s*$/.test(token);
    line = token.includes("\n") ? 0 : line + 1;
    word = isSpace ? 0 : word + 1;
    if (/[“«]/.test(token) || (/"/.test(token) && !isQuoted)) isQuoted = true;
    else if (/[”»"]/.test(token)) isQuoted = false;
    const value = { line, word, quotes: Number(isQuoted), space: Number(isAfterSpace) }[feature];
    isAfterSpace = isSpace;
    return value;
  });
}

/** What a unit's cell holds as the network sees it, tanh c, at each step. */
export const statesOf = ({ activity, tokens, units }: Insight, unit: number): Float64Array =>
  Float64Array.from(tokens, (_, t) => Math.tanh(activity.cell[t * units + unit]! / CELL_STEPS));

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

function deviation(values: Float64Array): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length);
}

/** Pearson's; 0 where one of the two is constant. */
function correlation(a: Float64Array, b: Float64Array): number {
  const [middleA, middleB] = [mean(a), mean(b)];
  const scale = deviation(a) * deviation(b) * a.length;
  return scale === 0 ? 0 : a.reduce((sum, value, i) => sum + (value - middleA) * (b[i]! - middleB), 0) / scale;
}
