import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { builds } from "#files";
import { canShareMemory } from "#platform";
import {
  BackendError,
  characters,
  createModel,
  evaluate,
  generate,
  load,
  type Model,
  predict,
  predictBatch,
  save,
  setWasmSources,
  train,
} from "../../src/index.js";
import { gradients, trace } from "../../src/inspect.js";
import { createStream } from "../../src/stream.js";
import { BACKENDS } from "../backends.js";
import type { WasmBuild } from "../internals/platform.js";
import { readBuild } from "./read-build.js";

// A model that was loaded runs with the forward kernels, and gets all of them when it is trained.

const TEXT = "the rain in spain stays mainly in the plain. ".repeat(4);
const suffix = canShareMemory() ? "-shared" : "";

/** The sources that were asked for, in order. */
let asked: string[];
let isOffline: boolean;
beforeEach(() => {
  asked = [];
  isOffline = false;
});

const models: Model[] = [];
const used = <Used extends Model>(model: Used): Used => {
  models.push(model);
  return model;
};
afterEach(() => {
  for (const model of models.splice(0)) model.free();
});
afterAll(() => setWasmSources(builds));

function offer(...names: WasmBuild[]): void {
  const source = (name: WasmBuild) => async () => {
    asked.push(name);
    if (isOffline) throw new Error("no network");
    return readBuild(name);
  };
  setWasmSources(Object.fromEntries(names.map((name) => [name, source(name)])));
}

const probabilities = (model: Model, text: string) => predict(model, model.vocabulary.encode(text));

async function written(model: Model): Promise<string> {
  let text = "";
  for await (const piece of generate(model, { prompt: "the ", maxTokens: 40, seed: 3 })) text += piece;
  return text;
}

describe.each(BACKENDS.filter((backend) => backend !== "javascript"))("with %s", (backend) => {
  const whole = `${backend}${suffix}` as "simd";
  const forward = `forward-${whole}` as const;

  async function checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    setWasmSources(builds);
    const options = { vocabulary: characters(TEXT), hiddenSize: 13, layers: 2, backend };
    const model = used(await createModel(options));
    await train(model, TEXT, { epochs: 2, batchSize: 4, gradientShards: 1 });
    return save(model);
  }

  const states = (model: Model) => {
    const stream = createStream(model, { batch: 3 });
    stream.step([1, 2, 3]);
    return stream.step([4, 5, 6]).map((row) => [...row]);
  };

  const results = async (model: Model) => [
    await written(model),
    probabilities(model, "the plain"),
    states(model),
    trace(model, "the rain"),
    await predictBatch(
      model,
      ["rain", "the spain"].map((text) => model.vocabulary.encode(text)),
      { threads: 1 },
    ),
  ];

  test("a loaded model computes the same, to the bit, without the kernels of training", async () => {
    const file = await checkpoint();
    offer(forward, whole);
    const light = await results(used(await load(file, { backend })));
    expect(asked).toEqual([forward]);
    offer(whole);
    expect(light).toEqual(await results(used(await load(file, { backend }))));
    expect(asked).toEqual([forward, whole]);
  });

  test.each<[string, (model: Model) => unknown]>([
    ["is trained", async (model) => (await train(model, TEXT, { epochs: 3, resume: true })).trainLoss],
    ["is evaluated", async (model) => (await evaluate(model, TEXT)).loss],
    ["shows gradients", async (model) => (await gradients(model, { inputs: [1, 2], targets: [2, 3] })).parameters],
  ])("it gets them when it %s", async (_, use) => {
    const file = await checkpoint();
    offer(forward, whole);
    const light = used(await load(file, { backend }));
    const stream = createStream(light);
    stream.step(3);
    const found = await use(light);
    expect(asked).toEqual([forward, whole]);
    const heavy = used(await load(file, { backend }));
    expect(asked).toEqual([forward, whole]);
    const expected = createStream(heavy);
    expected.step(3);
    expect(found).toEqual(await use(heavy));
    expect(stream.step(4)).toEqual(expected.step(4));
    expect(await results(light)).toEqual(await results(heavy));
  });

  test.runIf(canShareMemory())("it gets them for its threads", async () => {
    const file = await checkpoint();
    offer(forward, whole);
    const model = used(await load(file, { backend }));
    const texts = Array.from({ length: 8 }, (_, i) => TEXT.slice(i, 3 * i + 4));
    const alone = texts.map((text) => probabilities(model, text));
    expect(asked).toEqual([forward]);
    expect(
      await predictBatch(
        model,
        texts.map((text) => model.vocabulary.encode(text)),
        { threads: 2, batchSize: 2 },
      ),
    ).toEqual(alone);
    expect(asked).toEqual([forward, whole]);
    expect(texts.map((text) => probabilities(model, text))).toEqual(alone);
  });

  test("where they cannot be had, it still runs, and asks again", async () => {
    const file = await checkpoint();
    offer(forward, whole);
    const model = used(await load(file, { backend }));
    const before = probabilities(model, "the");
    isOffline = true;
    await expect(train(model, TEXT, { epochs: 3, resume: true })).rejects.toThrow(BackendError);
    expect(probabilities(model, "the")).toEqual(before);
    isOffline = false;
    expect((await train(model, TEXT, { epochs: 3, resume: true })).epoch).toBe(3);
  });

  test("later sources are not for it", async () => {
    const file = await checkpoint();
    offer(forward, whole);
    const model = used(await load(file, { backend }));
    setWasmSources({ [whole]: builds[forward] });
    expect((await train(model, TEXT, { epochs: 3, resume: true })).epoch).toBe(3);
    expect(asked).toEqual([forward, whole]);
  });

  test("a file of the other kind is refused", async () => {
    const file = await checkpoint();
    setWasmSources({ [forward]: builds[whole], [whole]: builds[whole] });
    await expect(load(file, { backend })).rejects.toThrow("not one of this library's");
    setWasmSources({ [whole]: builds[forward] });
    await expect(load(file, { backend })).rejects.toThrow("not one of this library's");
  });
});
