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
});
const SOFTMAX = ["both-directions", "both-directions-script", "tf-tagger"];

test.each(cases)("onnx-%s.onnx gives what onnxruntime gives", async (name, { options, ...oracle }) => {
  const loss: ImportOptions = SOFTMAX.includes(name) ? {} : { loss: "mse" };
  expectOutputs(await importModel(await fixture(`convert/onnx-${name}.onnx`), { ...loss, ...options }), oracle);
});

test.each([["loop", /an operator "(Loop|Slice)" that cannot be brought over/]])(
  "refused-%s.onnx is refused with a reason",
  async (name, reason) => {
    const refusal = await importModel(await fixture(`convert/refused-${name}.onnx`)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConversionError);
    expect((refusal as Error).message).toMatch(reason);
  },
);
