import { describe, expect, test } from "vitest";
import {
  CheckpointError,
  characters,
  createModel,
  load,
  type Model,
  OptionError,
  save,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { WordVocabulary } from "../../src/words.js";
import { FORBIDDEN } from "../common/forbidden.js";
import { every } from "../full.js";
import { read, type TensorData, validate, write } from "../internals/checkpoint.js";
import { writeTensor } from "../internals/network.js";
import { leftTraining } from "../internals/training.js";

// One definition of valid: what `save` makes, `load` takes, and what `load` would refuse, `save` does not make.

const { text } = presets.hamlet;
const vocabulary = characters(text);

const fresh = () => createModel({ vocabulary, hiddenSize: 5, layers: 2, embeddingSize: 3, backend: "simd" });
/** Four updates, with a report after each. */
const RUN: TrainOptions = { epochs: 2, batchSize: 2, sequenceLength: 216, progressInterval: 0 };

async function trained(options: TrainOptions = {}, updates = Number.POSITIVE_INFINITY): Promise<Model> {
  const model = await fresh();
  let made = 0;
  for await (const _ of train(model, text, { ...RUN, ...options })) if (++made === updates) break;
  return model;
}

/** What a model keeps of the run that it was left with. */
const runOf = (model: Model) => leftTraining(model)!;

/** Replaces a parameter tensor by what setTensor would not take. */
function overwrite({ engine }: Model, name: string, values: Float32Array): void {
  const tensor = engine.table.tensors.find((candidate) => candidate.name === name)!;
  writeTensor(tensor, values, engine.floats, engine.parameters / 4);
}

function refused(model: Model, message: RegExp): void {
  expect(() => save(model)).toThrow(CheckpointError);
  expect(() => save(model)).toThrow(message);
}

describe("does not save", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("a parameter of %f", async (value) => {
    const model = await trained();
    const bias = model.tensor("linear.bias");
    bias[7] = value;
    overwrite(model, "linear.bias", bias);
    refused(model, new RegExp(String.raw`header\["linear\.bias"\]\[7\]: expected a finite number, got ${value}`));
  });

  test("what initialization would draw too large", async () => {
    const options = { vocabulary, hiddenSize: 2, initialization: "normal" } as const;
    await expect(createModel({ ...options, initStd: 1e39 })).rejects.toThrow(OptionError);
    await load(save(await createModel({ ...options, initStd: 1e37 })));
  });

  test.each([
    ["adam", "exp_avg", Number.NaN],
    ["adam", "exp_avg_sq", Number.POSITIVE_INFINITY],
    ["rmsprop", "square_avg", Number.POSITIVE_INFINITY],
    ["sgd", "momentum_buffer", Number.NEGATIVE_INFINITY],
  ] as const)("a run of %s with a moment that overflows: %s", async (optimizer, slot, value) => {
    const model = await trained({ optimizer, ...(optimizer === "sgd" ? { momentum: 0.9 } : {}) });
    runOf(model).optimizerState.get(slot)![0] = value;
    refused(model, new RegExp(String.raw`\["training\.${slot}\.embedding\.weight"\]\[0\]: .* got ${value}`));
    // The model alone is sound.
    expect((await load(save(model, { training: false }))).config).toEqual(model.config);
  });

  test("a carried state of NaN", async () => {
    const model = await trained();
    runOf(model).carried[0] = Number.NaN;
    refused(model, /\["training\.carried\.h"\]\[0\]: expected a finite number, got NaN/);
  });

  test("a loss that is not finite", async () => {
    const model = await trained();
    runOf(model).progress.trainLosses[1] = Number.NaN;
    refused(model, /\["training\.train_losses"\]\[1\]: expected a finite number, got NaN/);
  });

  test("metadata that is not a string, or has a lone surrogate", async () => {
    const model = await createModel({ vocabulary, hiddenSize: 2 });
    model.metadata.set("note", 5 as unknown as string);
    refused(model, /__metadata__: expected a string, got 5/);
    model.metadata.set("note", "\ud800");
    refused(model, /expected well-formed Unicode \(no lone surrogate\), got "\\ud800"/);
  });

  test("more metadata than a header may have members", async () => {
    const model = await createModel({ vocabulary, hiddenSize: 2 });
    for (let i = 0; i <= 100_000; i++) model.metadata.set(String(i), "");
    refused(model, /__metadata__: expected at most 100000 entries/);
  });

  test("a vocabulary that does not survive a round trip", async () => {
    const odd = new WordVocabulary(["a", "b"], { lowercase: 1 as unknown as boolean, punctuation: "keep" });
    const model = await createModel({ vocabulary: odd, hiddenSize: 2 });
    refused(model, /vocabulary: expected valid contents, got vocabulary: lowercase: expected true or false/);
  });
});

test("a checkpoint saved at any update of a run is valid and can be loaded", async () => {
  for (const options of [{}, { validationFraction: 0.2, learningRate: 0.1 }, { sequenceLength: 100, dropout: 0.1 }]) {
    const model = await fresh();
    let updates = 0;
    for await (const _ of train(model, text, { ...RUN, ...options })) {
      const bytes = save(model);
      await expect(validate(bytes)).resolves.toBeUndefined();
      const again = await load(bytes, { backend: "simd" });
      expect(save(again)).toEqual(bytes);
      again.free();
      updates++;
    }
    expect(updates).toBeGreaterThanOrEqual(4);
  }
});

/** A file with its contents changed. */
async function changed(
  bytes: Uint8Array,
  change: (metadata: Map<string, string>, tensors: Map<string, TensorData>) => void,
): Promise<Uint8Array> {
  const { tensors, metadata } = read(bytes);
  const contents = { metadata: new Map(metadata), tensors: new Map(tensors) };
  change(contents.metadata, contents.tensors);
  return write(contents.tensors, contents.metadata);
}

type Json = Record<string, unknown>;

const inJson =
  (key: string, change: (object: Json) => void) =>
  (metadata: Map<string, string>): void => {
    const object = JSON.parse(metadata.get(key)!) as Json;
    change(object);
    metadata.set(key, JSON.stringify(object));
  };

async function refusal(bytes: Uint8Array): Promise<string> {
  const error = await load(bytes, { backend: "simd" }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  await expect(validate(bytes)).rejects.toThrow((error as Error).message);
  return (error as Error).message;
}

describe("a file of ours must have all of its parts:", () => {
  test.each(["format", "backend", "model", "vocabulary", "training"])("%s", async (key) => {
    const bytes = await changed(save(await trained()), (metadata) => metadata.delete(key));
    expect(await refusal(bytes)).toMatch(new RegExp(`^header\\.__metadata__\\.${key}: expected .*, got n`));
  });

  test("a known backend", async () => {
    const bytes = await changed(save(await trained()), (metadata) => metadata.set("backend", "cuda"));
    expect(await refusal(bytes)).toMatch(/backend: expected one of .*simd.*, got "cuda"/);
  });

  test("every option of the model and the run, and no others", async () => {
    const bytes = save(await trained());
    const { metadata } = read(bytes);
    for (const [key, part] of [
      ["model", (o: Json) => o],
      ["training", (o: Json) => o["config"] as Json],
    ] as const) {
      const names = Object.keys(part(JSON.parse(metadata.get(key)!) as Json));
      expect(names.length).toBeGreaterThan(10);
      for (const name of names) {
        const without = await changed(
          bytes,
          inJson(key, (o) => delete part(o)[name]),
        );
        // It is younger than some files.
        if (name === "quantiles") {
          expect((await load(without)).config.quantiles).toEqual([]);
          continue;
        }
        expect(await refusal(without)).toMatch(new RegExp(`\\.${name}: expected a value, got none`));
      }
      const with_ = await changed(
        bytes,
        inJson(key, (o) => Object.assign(part(o), { bias: false })),
      );
      expect(await refusal(with_)).toMatch(/\.bias: expected no such option, got false/);
    }
  });

  test("a window model without its options is not mistaken for one with carried state", async () => {
    const model = await createModel({ vocabulary, hiddenSize: 3, window: 3 });
    for await (const _ of train(model, text, { epochs: 1 }));
    const bytes = await changed(save(model), (metadata) => metadata.delete("model"));
    expect(await refusal(bytes)).toMatch(/model: expected a JSON object, got none/);
  });

  test("all of a run's tensors, or none of them", async () => {
    const bytes = save(await trained());
    const moment = (_: unknown, tensors: Map<string, TensorData>) =>
      tensors.set("training.square_avg.linear.bias", tensors.get("linear.bias")!);
    expect(await refusal(await changed(bytes, moment))).toMatch(
      /square_avg\.linear\.bias"\]: expected none, with adam/,
    );
  });
});

test.each([
  ["no such tensor", ["nope"]],
  ["all tensors", ["embedding", "lstm", "linear"]],
])("rejects frozen: %s", async (_, frozen) => {
  const config = inJson("training", (o) => Object.assign(o["config"] as Json, { frozen }));
  expect(await refusal(await changed(save(await trained()), config))).toMatch(/training\.config\.frozen: expected/);
});

describe("rejects contradictory numbers of a run:", () => {
  const progress = (values: Json) => inJson("training", (o) => Object.assign(o["progress"] as Json, values));
  // Two epochs of two updates, 432 steps of two streams.
  const atEnd: [string, Json][] = [
    ["fewer updates than epochs", { step: 1 }],
    ["updates that are not the same for each epoch", { step: 5 }],
    ["no update", { step: 0 }],
    ["fewer tokens than updates", { tokens: 3 }],
    ["an epoch without predictions", { epochPredictions: 0 }],
    ["more predictions than tokens can weigh", { epochPredictions: 1e18 }],
    ["an epoch under way without an update of it", { cursor: 216 }],
    ["a key of 33 bits", { epochKey: 2 ** 32 }],
    ["a negative norm", { gradientNorm: -1 }],
  ];
  test.each(atEnd)("%s", async (_, values) => {
    const bytes = save(await trained());
    expect(await refusal(await changed(bytes, progress(values)))).toMatch(/progress\.\w+: expected/);
  });

  test.each<[string, Json]>([
    ["an epoch that is over", { cursor: 0 }],
    ["more updates than steps were read", { step: 400 }],
    ["no update", { step: 0, tokens: 0 }],
  ])("in the middle of the first epoch: %s", async (_, values) => {
    const bytes = save(await trained({}, 1));
    expect(runOf(await load(bytes)).progress).toMatchObject({ epoch: 0, step: 1, cursor: 216 });
    expect(await refusal(await changed(bytes, progress(values)))).toMatch(/progress\.\w+: expected/);
  });

  test("validation losses without held-out data, or fewer than epochs", async () => {
    const without = save(await trained());
    const losses = (tensors: Map<string, TensorData>, values: number[]) =>
      tensors.set("training.validation_losses", {
        dtype: "F64",
        shape: [values.length],
        data: Float64Array.from(values),
      });
    expect(await refusal(await changed(without, (_, tensors) => losses(tensors, [1])))).toMatch(
      /expected 0 losses, got 1/,
    );
    const with_ = save(await trained({ validationFraction: 0.2, sequenceLength: 100 }));
    expect(await refusal(await changed(with_, (_, tensors) => losses(tensors, [])))).toMatch(
      /expected 1 or 2 losses, got 0/,
    );
  });
});

describe("rejects oversized metadata before parsing it:", () => {
  const MESSAGE_LENGTH = 300;

  test("nested JSON, anywhere", async () => {
    const bytes = save(await trained());
    const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    const values: [key: string, text: (json: string) => string][] = [
      ["training", (json) => json.replace('"epoch":2', `"epoch":${deep(50_000)}`)],
      ["training", (json) => json.replace(/"fingerprint":"\w+"/, `"fingerprint":${deep(50_000)}`)],
      ["model", (json) => json.replace('"seed":1', `"seed":${deep(50_000)}`)],
      ["vocabulary", (json) => json.replace('"a"', deep(50_000))],
      ["vocabulary", () => `{"level":${deep(50_000)}}`],
      // Not too deep, but more than a message should follow.
      ["vocabulary", (json) => json.replace('"a"', deep(15))],
      ["training", (json) => json.replace('"epoch":2', `"epoch":${deep(10)}`)],
    ];
    for (const [key, text] of values) {
      const bomb = await changed(bytes, (metadata) => metadata.set(key, text(metadata.get(key)!)));
      expect(bomb.length).not.toBe(bytes.length);
      expect((await refusal(bomb)).length).toBeLessThan(MESSAGE_LENGTH);
    }
  });

  test("a vocabulary of millions of words for 32 rows, quickly", async () => {
    const bytes = save(await trained());
    for (const bomb of [
      `[${'"a",'.repeat(1e6)}"b"]`,
      `{"level":"word","lowercase":true,"punctuation":"keep","tokens":[${'"a",'.repeat(1e6)}"b"]}`,
      `[${"[],".repeat(1e6)}[]]`,
    ]) {
      const file = await changed(bytes, (metadata) => metadata.set("vocabulary", bomb));
      const start = performance.now();
      expect(await refusal(file)).toMatch(/vocabulary: expected 32 entries, to match the tensors, got more/);
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });

  test("a vocabulary for rows without bytes", async () => {
    const file = await changed(save(await trained()), (metadata, tensors) => {
      tensors.set("embedding.weight", { dtype: "F32", shape: [1e6, 0], data: new Float32Array() });
      metadata.set("vocabulary", `[${'"a",'.repeat(1e6 - 1)}"b"]`);
    });
    expect(await refusal(file)).toMatch(/embedding\.weight"\]: expected a tensor of shape/);
  });

  test("a token as long as a book", async () => {
    const bytes = save(await trained());
    const words = (punctuation: string) => (tokens: string[]) => ({
      level: "word",
      lowercase: true,
      punctuation,
      tokens,
    });
    const wholes = [(tokens: string[]) => tokens, words("keep"), words("strip")];
    const books = ["a".repeat(2e6), "a ".repeat(1e6), "a'".repeat(1e6)];
    for (const [token, whole] of every(
      2,
      books.flatMap((book) => wholes.map((whole) => [book, whole] as const)),
    )) {
      const tokens = [token, ...vocabulary.tokens.slice(1)];
      const file = await changed(bytes, (metadata) => metadata.set("vocabulary", JSON.stringify(whole(tokens))));
      expect((await refusal(file)).length).toBeLessThan(MESSAGE_LENGTH);
    }
  });

  test("texts of megabytes, which are not repeated in the message", async () => {
    const bytes = save(await trained());
    const long = "x".repeat(2e6);
    const changes: [string, (metadata: Map<string, string>) => void][] = [
      ["format", (metadata) => metadata.set("format", `lstm-wasm ${long}`)],
      ["backend", (metadata) => metadata.set("backend", long)],
      ["model", (metadata) => metadata.set("model", long)],
      ["model.seed", inJson("model", (o) => Object.assign(o, { seed: long.slice(0, 1e6) }))],
      ["model.xxx", inJson("model", (o) => Object.assign(o, { [long.slice(0, 1e6)]: 1 }))],
      ["fingerprint", inJson("training", (o) => Object.assign(o, { fingerprint: long.slice(0, 1e6) }))],
      ["step", inJson("training", (o) => Object.assign(o["progress"] as Json, { step: long.slice(0, 1e6) }))],
    ];
    for (const [, change] of changes)
      expect((await refusal(await changed(bytes, change))).length).toBeLessThan(MESSAGE_LENGTH);
  });
});

test("names and values from a file are escaped in the message", async () => {
  const evil = "\u001b[31m\u009b\u202e\n";
  const bytes = save(await trained());
  for (const change of [
    (metadata: Map<string, string>) => metadata.set("format", `lstm-wasm ${evil}`),
    inJson("model", (o) => Object.assign(o, { [evil]: evil })),
    inJson("model", (o) => Object.assign(o, { scored: evil })),
    (metadata: Map<string, string>) => metadata.set("vocabulary", JSON.stringify([evil])),
  ])
    expect(await refusal(await changed(bytes, change))).not.toMatch(FORBIDDEN);
});

test("a bias of −0 stays one", async () => {
  const model = await createModel({ vocabulary, hiddenSize: 2, layers: 2, forgetBias: -0, backend: "simd" });
  const again = await load(save(model), { backend: "simd" });
  expect(Object.is(again.tensor("lstm.bias_ih_l1")[2], -0)).toBe(true);
  expect(save(again)).toEqual(save(model));
});
