import { createModel } from "../../src/index.js";
import { changed, FAULTS, floats, inJson } from "../checkpoint/faults.js";
import { FAULTS as SAFETENSORS_FAULTS } from "../checkpoint/safetensors/faults.js";
import { toSafetensors } from "../internals/convert.js";

// Checkpoints that were once read wrongly, or would be by a reader that trusts them. They are made, since a file of today has
// today's options.

type Json = Record<string, unknown>;

const metadata = (key: string, value: (json: string) => string | undefined) =>
  changed((_, all) => {
    const text = value(all.get(key)!);
    if (text === undefined) all.delete(key);
    else all.set(key, text);
  });
const progress = (values: Json) =>
  changed(inJson("training", (o) => Object.assign(o["progress"] as unknown as Json, values)));
const config = (values: Json) =>
  changed(inJson("training", (o) => Object.assign(o["config"] as unknown as Json, values)));
const model = (values: Json) => changed(inJson("model", (o) => Object.assign(o, values)));

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const HOSTILE = "\u001b[31m\u009b\u202e\n";
const MANY = 100_000;

const OF_OURS: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  ...Object.fromEntries(
    ["format", "backend", "model", "vocabulary", "training"].map((key) => [
      `without ${key}`,
      () => metadata(key, () => undefined),
    ]),
  ),
  "an unknown backend": () => metadata("backend", () => "cuda"),
  "fewer updates than epochs": () => progress({ step: 0 }),
  "fewer tokens than updates": () => progress({ tokens: 0 }),
  "an epoch without predictions": () => progress({ epochPredictions: 0 }),
  "more predictions than tokens can weigh": () => progress({ epochPredictions: 1e18 }),
  "an epoch that goes on without an update": () => progress({ cursor: 216 }),
  "a key of 33 bits": () => progress({ epochKey: 2 ** 32 }),
  "a negative norm": () => progress({ gradientNorm: -1 }),
  "frozen tensors that do not exist": () => config({ frozen: ["nope"] }),
  "all tensors frozen": () => config({ frozen: ["embedding", "lstm", "linear"] }),
  "an option of another version": () => model({ bias: false }),
  "an option __proto__": () => metadata("model", (json) => json.replace("{", '{"__proto__":{"hiddenSize":9},')),
  "rows without bytes": () =>
    changed((tensors, all) => {
      tensors.set("embedding.weight", { dtype: "F32", shape: [MANY, 0], data: new Float32Array() });
      all.set("vocabulary", `[${'"a",'.repeat(MANY)}"b"]`);
    }),
  "a moment of another optimizer": () =>
    changed((tensors) => tensors.set("training.square_avg.linear.bias", floats([32]))),
  "an epoch of nested arrays": () =>
    metadata("training", (json) => json.replace('"epoch":1', `"epoch":${nested(MANY)}`)),
  "a fingerprint of nested arrays": () =>
    metadata("training", (json) => json.replace(/"fingerprint":"\w+"/, `"fingerprint":${nested(MANY)}`)),
  "a seed of nested arrays": () => metadata("model", (json) => json.replace(/"seed":\d+/, `"seed":${nested(MANY)}`)),
  "a vocabulary of nested arrays": () => metadata("vocabulary", () => `{"level":${nested(MANY)}}`),
  "a character of arrays, not too deep": () => metadata("vocabulary", (json) => json.replace('"a"', nested(15))),
  "many characters for few rows": () => metadata("vocabulary", () => `[${'"a",'.repeat(MANY)}"b"]`),
  "many words for few rows": () =>
    metadata(
      "vocabulary",
      () => `{"level":"word","lowercase":true,"punctuation":"keep","tokens":[${'"a",'.repeat(MANY)}"b"]}`,
    ),
  "a token as long as a book": () => metadata("vocabulary", (json) => json.replace('"a"', `"${"a'".repeat(MANY)}"`)),
  "a format as long as a book": () => metadata("format", () => `lstm-wasm ${"x".repeat(MANY)}`),
  "a model as long as a book": () => metadata("model", () => "x".repeat(MANY)),
  "control characters in the format": () => metadata("format", () => `lstm-wasm ${HOSTILE}`),
  "control characters in an option": () => model({ [HOSTILE]: HOSTILE }),
  "control characters in a token": () => metadata("vocabulary", () => JSON.stringify([HOSTILE])),
  "int8 weights without scales": async () => {
    const bytes = toSafetensors(await createModel({ inputSize: 3, hiddenSize: 5, outputSize: 2 }), { dtype: "int8" });
    const at = Buffer.from(bytes).indexOf("scale");
    return Uint8Array.from(bytes, (byte, i) => (i === at ? "S".charCodeAt(0) : byte));
  },
};

/** Files by what is wrong with them. */
export async function checkpoints(): Promise<[what: string, bytes: Uint8Array][]> {
  const files = [...FAULTS.map(([what, change]) => [what, () => changed(change)] as const), ...Object.entries(OF_OURS)];
  return Promise.all(files.map(async ([what, make]) => [what, await make()] as [string, Uint8Array]));
}

/** Files that are no safetensors. */
export const safetensors = (): [what: string, bytes: Uint8Array][] =>
  // Those of a megabyte are tested where they are described.
  SAFETENSORS_FAULTS.filter(([, { length }]) => length < 2 ** 20).map(([what, bytes]) => [what, bytes]);
