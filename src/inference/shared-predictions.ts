import { fingerprint } from "../data/fingerprint.js";
import { FLOATS, inParts, ownOf } from "./parts.js";
import { orderOf, type PredictionWork, predictSome } from "./predictions.js";
import type { ProcessGroup } from "./process-group.js";

// Fetched by `predictBatch` with a process group.

const NO_TARGETS = new Float32Array(0);

/** The results of all sequences, in their order, of which each process computes some: their outputs, one after another. */
export function sharePredictions(group: ProcessGroup, prepare: () => PredictionWork): Promise<Float32Array[]> {
  return inParts(group, FLOATS, async () => {
    const work = prepare();
    const { model, inputs } = work;
    const order = orderOf(inputs);
    const sizeOf = (i: number) => (model.config.returnSequences ? inputs[i]!.T : 1) * model.output.size;
    return {
      model,
      settings: () => [
        ["what is shared", "predictBatch"],
        [
          "the sequences",
          fingerprint(inputs.map(({ numbers }) => ({ inputs: numbers, targets: NO_TARGETS, weight: 1 }))),
        ],
      ],
      compute: async () => {
        const own = ownOf(order, group);
        const results: Float32Array[] = [];
        await predictSome(work, own, results);
        const part = new Float32Array(own.reduce((sum, i) => sum + sizeOf(i), 0));
        let at = 0;
        for (const i of own) {
          part.set(results[i]!, at);
          at += sizeOf(i);
        }
        return part;
      },
      combine: (parts) => {
        const results = new Array<Float32Array>(inputs.length);
        for (const [rank, part] of parts.entries()) {
          let at = 0;
          for (const i of ownOf(order, { rank, size: parts.length })) {
            results[i] = part.slice(at, at + sizeOf(i));
            at += sizeOf(i);
          }
        }
        return results;
      },
    };
  });
}
