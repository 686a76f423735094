import { expect, test } from "vitest";
import { characters } from "../internals/data.js";
import { createModel } from "../internals/model.js";
import { segmentsOf } from "../internals/training.js";

const vocabulary = characters("abcdefghijklmnopqrstuvwxyz");

test.each([
  ["a layer, whose head is too small to go first", { vocabulary, hiddenSize: 64 }, [1]],
  ["a head that is larger than the layer", { vocabulary, hiddenSize: 4 }, [0, 1]],
  ["three layers, the last with the head", { vocabulary, hiddenSize: 32, layers: 3 }, [1, 2, 3]],
  [
    "both directions, an embedding",
    {
      ...{ vocabulary, embeddingSize: 40 },
      ...{ classes: ["a", "b"], returnSequences: false, bidirectional: true },
      hiddenSize: 8,
      layers: 2,
    },
    [1, 2],
  ],
  ["no head", { inputSize: 8, hiddenSize: 8, layers: 2, head: "none" as const }, [1, 2]],
])("%s: the gradients are exchanged from the last to the first", async (_, options, parts) => {
  const { engine } = await createModel({ ...options, backend: "simd" } as Parameters<typeof createModel>[0]);
  const segments = segmentsOf(engine);
  expect(segments.map(({ part }) => part)).toEqual(parts);
  // Without a gap, and each begins where a tensor does.
  const offsets = engine.table.tensors.map(({ offset }) => offset);
  let end = engine.table.length;
  for (const segment of segments) {
    expect(segment.end).toBe(end);
    expect(offsets).toContain(segment.start);
    end = segment.start;
  }
  expect(end).toBe(0);
});
