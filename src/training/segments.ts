import type { Engine } from "../engine/engine.js";
import { backwardParts } from "../network/backward.js";
import type { Range } from "./split.js";

/** A range of a flat buffer of gradients, in floats, and the part of a backward pass that completes it. */
export interface Segment extends Range {
  readonly part: number;
}

/** Least share of all gradients that is worth an exchange of its own. */
const LEAST = 0.1;

/** The gradients in the order in which a backward pass completes them: the last layers' come first. */
export function segmentsOf({ network, table }: Engine): Segment[] {
  const { tensors, length } = table;
  const last = backwardParts(network) - 1;
  const startOf = (part: number): number => {
    if (part === last) return 0;
    const name = part === 0 ? "linear.weight" : `lstm.weight_ih_l${last - part}`;
    return tensors.find((tensor) => tensor.name === name)?.offset ?? length;
  };
  const segments: Segment[] = [];
  for (let part = 0, end = length; part <= last; part++) {
    const start = startOf(part);
    if (part < last && end - start < LEAST * length) continue;
    segments.push({ part, start, end });
    end = start;
  }
  return segments;
}
