import type { Insight } from "../../common/insight.js";
import { plural } from "../elements/format.js";

/** Of a byte that stands for a gate. */
const OPEN = 255;
/** A difference between two shares that is worth a word. */
const MUCH = 0.03;

const shareOf = (gates: Uint8Array): number => gates.reduce((sum, gate) => sum + gate, 0) / (OPEN * gates.length);
const percentOf = (share: number): string => `${Math.round(100 * share)} %`;

/** What the forget gates of all units do at a step, beside what they do elsewhere. */
export function forgettingAt({ activity: { forget }, units }: Insight, at: number): string {
  const gates = forget.subarray(at * units, (at + 1) * units);
  const erasing = gates.filter((gate) => gate < OPEN / 2).length;
  const how = erasing === 0 ? "none erases" : erasing === 1 ? "one erases" : `${erasing} erase`;
  const [here, elsewhere] = [shareOf(gates), shareOf(forget)];
  const amount = here < elsewhere - MUCH ? "more than" : here > elsewhere + MUCH ? "less than" : "as much as";
  return (
    `the network forgets ${amount} on average: the forget gates of its ${plural(units, "unit")} keep ${percentOf(here)} of ` +
    `what the cells hold (${percentOf(elsewhere)} over all that it reads); ${how} more than half.`
  );
}
