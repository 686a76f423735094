import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { characters, createModel, load, save, train } from "../../src/index.js";
import { fixture } from "../bytes.js";

const FILE = new URL("../fixtures/to-pytorch.safetensors", import.meta.url);

/** A checkpoint of two layers of 6 units, with the state of a run in it. */
async function ours(): Promise<Uint8Array> {
  const model = await createModel({ vocabulary: characters("abcdefghi"), hiddenSize: 6, layers: 2, backend: "simd" });
  for await (const _ of train(model, "abcdefghi".repeat(20), { epochs: 3, batchSize: 2 }));
  return save(model);
}

test("the file that `python3 test/fixtures/checkpoint.py` reads is written where it is missing", async () => {
  if (!existsSync(FILE)) writeFileSync(FILE, await ours());
  expect((await load(await fixture("to-pytorch.safetensors"))).config).toMatchObject({ hiddenSize: 6, layers: 2 });
});
