import { expect, test } from "vitest";
import { fixture, jsonFixture } from "../bytes.js";
import { ConversionError, type ImportOptions, importModel } from "../internals/convert.js";
import { expectOutputs, type Oracle } from "./compare.js";

interface Case extends Oracle {
  readonly options: ImportOptions;
}

const cases = Object.entries({
  ...(await jsonFixture<Record<string, Case>>("convert/onnx.json")),
  ...(await jsonFixture<Record<string, Case>>("convert/tf2onnx.json")),
  ...(await jsonFixture<Record<string, Case>>("convert/tf2onnx-keras3.json")),
});
const SOFTMAX = ["both-directions", "both-directions-script", "tf-tagger", "keras3-tagger"];

test.each(cases)("onnx-%s.onnx gives what onnxruntime gives", async (name, { options, ...oracle }) => {
  const loss: ImportOptions = SOFTMAX.includes(name) ? {} : { loss: "mse" };
  expectOutputs(await importModel(await fixture(`convert/onnx-${name}.onnx`), { ...loss, ...options }), oracle);
});

test("LSTM nodes may be taken alone", async () => {
  const model = await importModel(await fixture("convert/onnx-tf-tagger.onnx"), { layers: "LSTM__113" });
  expect(model.config).toMatchObject({ head: "none", bidirectional: true, layers: 1, hiddenSize: 5, inputSize: 4 });
});

test("Loops may be taken alone", async () => {
  const { layers, hiddenSize } = (
    await importModel(await fixture("convert/onnx-keras3-steps.onnx"), { layers: "sequential" })
  ).config;
  expect([layers, hiddenSize]).toEqual([2, 4]);
});

/** A file in which a text has been replaced by one of the same length. */
async function changed(file: string, from: string, to: string): Promise<Uint8Array> {
  const text = Array.from(await fixture(`convert/${file}`), (byte) => String.fromCharCode(byte)).join("");
  expect(text).toContain(from);
  return Uint8Array.from(text.replaceAll(from, to), (character) => character.charCodeAt(0));
}

test.each([
  [
    "an LSTM of other activations",
    "onnx-tf-tagger.onnx",
    "Sigmoid",
    "HardSig",
    /LSTM__\d+: activations: expected "?Sigmoid/,
  ],
  ["an LSTM of an unknown direction", "onnx-both-directions.onnx", "bidirectional", "bidirectionel", /direction: /],
  [
    "an LSTM of another domain",
    "onnx-both-directions.onnx",
    "*\r\n\x06layout\x18\x00\xa0\x01\x02",
    ":\rcom.microsoft",
    /an operator "com\.microsoft\.LSTM" that cannot be brought over/,
  ],
  ["another operator", "onnx-tokens.onnx", "MatMul", "MatSum", /an operator "MatSum" that cannot be brought over/],
  [
    "an LSTM that ends early",
    "refused-lengths.onnx",
    "LSTM",
    "LSTM",
    /lstm: sequence_lens: it ends before its inputs do/,
  ],
  ["a Loop with a mask", "refused-loop.onnx", "Loop", "Loop", /while_loop: an operator "Loop" that cannot/],
  ["a Loop that is no LSTM", "onnx-keras3-steps.onnx", "Tanh", "Sinh", /while_loop: an operator "Loop" that cannot/],
])("%s is refused, and named", async (_, file, from, to, reason) => {
  const refusal = await importModel(await changed(file, from, to)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConversionError);
  expect((refusal as Error).message).toMatch(reason);
});
