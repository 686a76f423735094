import type { Insight } from "../../common/insight.js";
import { plural } from "../elements/format.js";

/** Of a byte that stands for a gate. */
const OPEN = 255;

const shareOf = (gates: Uint8Array): string =>
  `${Math.round((100 * gates.reduce((sum, gate) => sum + gate, 0)) / (OPEN * gates.length))} %`;

/** What the forget gates of all units do at a step, beside what they do elsewhere. */
export function forgettingAt({ activity: { forget }, units }: Insight, at: number): string {
  const gates = forget.subarray(at * units, (at + 1) * units);
  const erasing = gates.filter((gate) => gate < OPEN / 2).length;
  const how = erasing === 0 ? "none erases" : erasing === 1 ? "one erases" : `${erasing} erase`;
  return (
    `the forget gates of its ${plural(units, "unit")} keep ${shareOf(gates)} of what the cells hold, on average ` +
    `(${shareOf(forget)} over all that it reads); ${how} more than half.`
  );
}
