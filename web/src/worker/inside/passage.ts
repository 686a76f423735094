import type { Model } from "lstm-wasm";
import { getTrainingRun } from "lstm-wasm/inspect";
import type { Run } from "../run/run.js";

/** Tokens of a passage, at most: what fits on a screen. */
const LONGEST = 600;
/** Numbers that a passage's steps may take, of the units and of the outputs. */
const MOST_STATES = 2 ** 16;
const MOST_OUTPUTS = 2 ** 20;
const SHORTEST = 40;

/** A passage to read, as tokens. */
export interface Passage {
  readonly tokens: Int32Array;
  readonly isHeldOut: boolean;
}

/**
 * What to watch a model read: the user's words, as far as it knows them, else the beginning of what was held out or, where
 * nothing was, of its text.
 *
 * @returns undefined where there is nothing to read
 */
export function passageFor(
  { model, data, content }: Pick<Run, "model" | "data" | "content">,
  words: string,
): Passage | undefined {
  const longest = longestFor(model);
  if (words !== "") {
    const known = model.vocabulary.encode(model.vocabulary.filterKnown(words));
    return known.length === 0 ? undefined : { tokens: known.subarray(0, longest), isHeldOut: false };
  }
  const tokens = data as Int32Array;
  if (tokens.length === 0) return undefined;
  const fraction = getTrainingRun(model)?.options.validationFraction ?? content.heldOut ?? 0;
  const held = Math.round(tokens.length * fraction);
  const from = held === 0 ? 0 : afterLine(model, tokens, tokens.length - held);
  return { tokens: tokens.subarray(from, from + longest), isHeldOut: held > 0 };
}

function longestFor({ config, vocabulary }: Model): number {
  const states = Math.floor(MOST_STATES / config.hiddenSize);
  const outputs = Math.floor(MOST_OUTPUTS / vocabulary.size);
  return Math.max(SHORTEST, Math.min(LONGEST, states, outputs));
}

/** The first token after an empty line or, where none is near, a line: a passage should not begin within a word. */
function afterLine({ vocabulary }: Model, tokens: Int32Array, from: number): number {
  const line = vocabulary.tokens.indexOf("\n");
  const near = tokens.subarray(from, from + LONGEST);
  const empty = near.findIndex((token, i) => token === line && near[i + 1] === line);
  if (empty >= 0) return from + empty + 2;
  const first = near.indexOf(line);
  return first >= 0 ? from + first + 1 : from;
}
