import { expect, test } from "vitest";
import { corpus } from "../corpus/corpus.js";
import { unequal } from "../corpus/foreign.js";
import { ConversionError, importModel } from "../internals/convert.js";

// Small files that claim, or would become, what takes hundreds of mebibytes.

const wrong = async (kind: string, what: string) => (await corpus())[kind]!.find(([name]) => name === what)![1];
const refusal = (bytes: Uint8Array) => importModel(bytes).catch((error: unknown) => error);

test.each([
  [
    "pt",
    "a storage of 24 MiB of zeros",
    /data\/99.*: \d+ bytes, with which the file would become more than 4 times as large/,
  ],
  [
    "keras",
    "weights followed by 24 MiB of zeros",
    /weights\.h5.*: \d+ bytes, with which the file would become more than 4/,
  ],
  [
    "h5",
    "an array of 15 million numbers",
    /kernel.*: 60000000 bytes, with which the file would become more than 4 times/,
  ],
  [
    "safetensors",
    "layers of one unit and one of 160",
    /lstm59.*160 units, and as wide all 60 layers would have \d+ parameters/,
  ],
])("%s: %s", async (kind, what, message) => {
  const error = await refusal(await wrong(kind, what));
  expect(error).toBeInstanceOf(ConversionError);
  expect((error as Error).message).toMatch(message);
});

test("layers of unequal width are read where that costs little", async () => {
  const model = await importModel(unequal(4, 32), { backend: "javascript" });
  expect(model.config).toMatchObject({ layers: 4, hiddenSize: 32 });
  model.free();
});
