import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { importModel } from "../internals/convert.js";

const path = (file: string) => fileURLToPath(new URL(`../fixtures/convert/${file}`, import.meta.url));

// A small Buffer is a part of a larger ArrayBuffer, and its slices are no copies.
test.each([
  "pytorch-tokens.safetensors",
  "pytorch-tokens.pt",
  "keras-tagger.keras",
  "keras-tagger.h5",
  "tensorflowjs/tagger.json",
  "onnx-tokens.onnx",
  "ml5/manifest.json",
])("%s is read from Buffers, at any offset", async (file) => {
  const beside = (name: string) => shifted(path(`${file.split("/")[0]}/${name}`));
  const model = await importModel(await shifted(path(file)), { beside });
  expect(model.parameterCount).toBeGreaterThan(0);
});

async function shifted(name: string): Promise<Buffer> {
  const bytes = await readFile(name);
  return Buffer.concat([Buffer.from("x"), bytes]).subarray(1);
}
