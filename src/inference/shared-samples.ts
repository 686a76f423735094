import type { Model } from "../model/model.js";
import { inParts, jsonOf, ownOf } from "./parts.js";
import type { ProcessGroup } from "./process-group.js";
import type { Generated } from "./sample-options.js";

// Fetched by `generateSamples` with a process group.

/** Validates the options, and generates those of all texts that a function chooses. */
type Prepare = (own: (samples: number) => readonly number[]) => { samples: number; generate(): Promise<Generated> };

const NOTHING: Generated = { texts: [], tokens: 0 };

/** Several texts, of which each process generates some. */
export function shareSamples(
  group: ProcessGroup,
  model: Model,
  options: { readonly signal?: unknown; readonly processGroup?: unknown; readonly threads?: unknown },
  prepare: Prepare,
): Promise<Generated> {
  return inParts(group, jsonOf<Generated>(), async () => {
    const numbers = (samples: number) => Array.from({ length: samples }, (_, i) => i);
    let own: number[] = [];
    const { samples, generate } = prepare((samples) => {
      own = ownOf(numbers(samples), group);
      // Also where there is none: the options are to be valid everywhere.
      return own.length > 0 ? own : [0];
    });
    return {
      model,
      settings: () => {
        const { signal: _, processGroup: __, threads: ___, ...shared } = options;
        return [
          ["what is shared", "generateSamples"],
          ["the options", JSON.stringify(shared)],
        ];
      },
      compute: async () => (own.length > 0 ? generate() : NOTHING),
      combine: (parts) => ({
        texts: numbers(samples).map((i) => parts[i % parts.length]!.texts[Math.floor(i / parts.length)]!),
        tokens: parts.reduce((sum, { tokens }) => sum + tokens, 0),
      }),
    };
  });
}
