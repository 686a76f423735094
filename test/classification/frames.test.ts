import { expect, test } from "vitest";
import {
  classify,
  createClassifier,
  evaluateClassifier,
  getClassifier,
  type LabeledSequences,
  trainClassifier,
} from "../../src/classify.js";
import { InputError, load, OptionError, predict, save } from "../../src/index.js";
import { inFrames, usualFrame } from "../internals/classification.js";

const SMALL = { hiddenSize: 8, backend: "simd" } as const;

/** Slopes that rise or fall, of different lengths, beside a dimension that says nothing. */
function slopes(count: number, length: number): LabeledSequences {
  const sequences = Array.from({ length: count }, (_, i) => {
    const T = length + ((i * 7) % 5);
    const sign = i % 2 === 0 ? 1 : -1;
    const values = Float64Array.from({ length: 2 * T }, (_, j) => (j % 2 === 0 ? (sign * j) / T : Math.sin(i + j)));
    return { values, label: sign > 0 ? "rises" : "falls" };
  });
  return { dimensions: ["height", "noise"], classes: ["rises", "falls"], sequences };
}

test("frames are steps side by side; the last step fills the last frame", () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  expect(inFrames(values, 2, 2)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 10));
  expect(inFrames(values, 2, 5)).toEqual(values);
  expect(inFrames(values, 1, 4)).toEqual(Float32Array.of(...values, 10, 10));
  expect(inFrames(values, 5, 3)).toEqual(Float32Array.of(...values, 6, 7, 8, 9, 10));
});

test.each([
  [[128, 128, 128], 1],
  [[129], 5],
  [[20, 500, 20], 1],
  [[251, 251], 8],
  [[150, 160, 320, 20], 5],
])("of sequences of %j steps, %i are read at once", (lengths, frame) => {
  expect(usualFrame(lengths)).toBe(frame);
});

test("a classifier of long sequences reads them in frames, and so does the one that is loaded", async () => {
  const data = slopes(20, 200);
  const model = await createClassifier(data, SMALL);
  expect(model.config.inputSize).toBe(14);
  expect(getClassifier(model)).toMatchObject({ frame: 7, dimensions: ["height", "noise"] });
  expect(getClassifier(model).mean).toHaveLength(2);
  await trainClassifier(model, data, { threads: 1, patience: 5 });
  // Also those that are shorter than a frame.
  const unseen = { ...data, sequences: [...slopes(12, 170).sequences, ...slopes(2, 3).sequences] };
  expect((await evaluateClassifier(model, { ...unseen, sequences: unseen.sequences.slice(0, 12) })).accuracy).toBe(1);
  const again = await load(save(model), { backend: "simd" });
  expect(await classify(again, unseen)).toEqual(await classify(model, unseen));
  await expect(classify(again, { ...unseen, dimensions: ["height"] })).rejects.toThrow(
    "expected sequences of 2 dimensions, as in training, got 1",
  );
});

test("frame says how many steps are read at once", async () => {
  const data = slopes(6, 140);
  const steps = await createClassifier(data, { ...SMALL, frame: 1 });
  expect(steps.config.inputSize).toBe(2);
  expect(getClassifier(steps).frame).toBeUndefined();
  const four = await createClassifier(slopes(6, 20), { ...SMALL, frame: 4 });
  expect(four.config.inputSize).toBe(8);
  const { mean, deviation } = getClassifier(four);
  const values = slopes(1, 9).sequences[0]!.values;
  const scaled = Float32Array.from(values, (value, j) => (value - mean[j % 2]!) / deviation[j % 2]!);
  const [found] = await classify(four, slopes(1, 9));
  expect(found!.probabilities).toEqual(predict(four, inFrames(scaled, 2, 4)));
  for (const frame of [0, 1.5, "2"])
    await expect(createClassifier(data, { ...SMALL, frame: frame as number })).rejects.toThrow(OptionError);
});

test.each([0, 1.5, -2, 3, "2"])("a description with frames of %j steps is refused", async (frame) => {
  const model = await createClassifier(slopes(6, 20), { ...SMALL, frame: 2 });
  const description = getClassifier(model);
  model.attributes.set("classifier", JSON.stringify({ ...description, frame }));
  expect(() => getClassifier(model)).toThrow(InputError);
});
