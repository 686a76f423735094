import { expect, test } from "vitest";
import {
  createModel,
  evaluate,
  generateSamples,
  load,
  OptionError,
  save,
  train,
  type Vocabulary,
} from "../../src/index.js";
import { validate } from "../internals/checkpoint.js";

/** A tokenizer as a user would write it: runs of letters, runs of white space, and everything else by itself. */
class Pieces implements Vocabulary {
  readonly level = "word";
  readonly size: number;

  constructor(readonly tokens: readonly string[]) {
    this.size = tokens.length;
  }

  static cut = (text: string): string[] => text.match(/\s+|\w+|[^\s\w]/g) ?? [];
  encode = (text: string) => Int32Array.from(Pieces.cut(text), (piece) => this.tokens.indexOf(piece));
  decode = (tokens: Iterable<number>) => Array.from(tokens, this.decodeToken).join("");
  decodeToken = (token: number) => this.tokens[token]!;
  filterKnown = (text: string) =>
    Pieces.cut(text)
      .filter((piece) => this.tokens.includes(piece))
      .join("");
  toJSON = () => ({ kind: "pieces", tokens: this.tokens });
}

const text = '"No," he said.  "I won\'t pay at 10:30!"\n'.repeat(20);
const tokens = [...new Set(Pieces.cut(text))];

test("a vocabulary of one's own is given again when the model is loaded", async () => {
  const model = await createModel({ vocabulary: new Pieces(tokens), hiddenSize: 16, backend: "simd" });
  await train(model, text, { epochs: 2, batchSize: 2 });
  const bytes = save(model);
  const loaded = await load(bytes, { vocabulary: new Pieces(tokens), backend: "simd" });
  const options = { prompt: '"No', maxTokens: 20 };
  expect(await generateSamples(loaded, options)).toEqual(await generateSamples(model, options));
  expect(save(loaded)).toEqual(bytes);
  await train(loaded, text, { resume: true, epochs: 3 });
  validate(bytes, { vocabulary: new Pieces(tokens) });
});

test("another one, or none, is refused", async () => {
  const bytes = save(await createModel({ vocabulary: new Pieces(tokens), hiddenSize: 4 }));
  const wanted = "vocabulary: expected the custom vocabulary that the model was created with";
  await expect(load(bytes)).rejects.toThrow(`${wanted}, got undefined`);
  const other = [...tokens.slice(1), tokens[0]!];
  await expect(load(bytes, { vocabulary: new Pieces(other) })).rejects.toThrow(
    `${wanted}: the toJSON() of this one differs, got an object`,
  );
});

test.each<[what: string, encode: (text: string) => unknown, message: string]>([
  [
    "a token that is not there",
    () => Int32Array.of(0, tokens.length, 0, 1),
    `tokens[1]: expected an integer from 0 to`,
  ],
  ["-1, as of indexOf", () => Int32Array.of(0, 0, -1), "tokens[2]: expected an integer from 0 to"],
  ["an ordinary array", () => [0, 1, 0], "vocabulary.encode: expected an Int32Array, got an array"],
  ["nothing", () => undefined, "vocabulary.encode: expected an Int32Array, got undefined"],
])("its encode gives %s: refused before the kernels see it", async (_, encode, message) => {
  const vocabulary = Object.assign(new Pieces(tokens), { encode });
  const model = await createModel({ vocabulary: vocabulary as Vocabulary, hiddenSize: 4 });
  await expect(train(model, text, { epochs: 1, batchSize: 1 })).rejects.toThrow(message);
  await expect(evaluate(model, text)).rejects.toThrow(message);
  await expect(generateSamples(model, { prompt: "x" })).rejects.toThrow(message);
  model.free();
});

test.each(["encode", "decode", "decodeToken", "filterKnown", "toJSON", "size", "tokens"])(
  "without %s it is no vocabulary",
  async (name) => {
    const vocabulary = Object.assign(new Pieces(tokens), { [name]: undefined });
    await expect(createModel({ vocabulary })).rejects.toThrow(OptionError);
  },
);
