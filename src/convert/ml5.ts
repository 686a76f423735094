import { quote } from "../common/show.js";
import { CharacterVocabulary, type Vocabulary } from "../data/vocabulary.js";
import { sizeOf } from "../network/tensors.js";
import type { ReadBeside } from "./beside.js";
import { ConversionError } from "./conversion-error.js";
import type { Description, Direction, Layer } from "./description.js";
import { GATE_ORDERS, reorderGates, transpose } from "./gates.js";
import { isObject, parseFile } from "./json.js";
import { compareNumbered } from "./names.js";

// ml5's charRNN: the variables of a TensorFlow 1 model, each a file of little-endian float32. manifest.json has their names,
// files and shapes; vocab.json has the characters.

/** tf.nn.rnn_cell.BasicLSTMCell adds this to the forget gate, outside of its bias. */
const FORGET_BIAS = 1;

const CELL = /^(.*cell_(\d{1,3})\/.*?|.*)lstm_cell\/(?:weights|kernel)$/;

interface Variable {
  readonly filename: string;
  readonly shape: readonly number[];
}

/** Whether JSON is such a manifest. */
export const isManifest = (json: unknown): json is Record<string, Variable> =>
  isObject(json) &&
  Object.keys(json).length > 0 &&
  Object.values(json).every(
    (variable) =>
      isObject(variable) &&
      typeof variable["filename"] === "string" &&
      Array.isArray(variable["shape"]) &&
      variable["shape"].every((length) => Number.isSafeInteger(length) && length > 0),
  );

/**
 * The network of an ml5 charRNN.
 *
 * @param onNote receives what was repaired
 * @throws ConversionError for a model that is none
 */
export async function readMl5(
  manifest: Record<string, Variable>,
  beside: ReadBeside,
  onNote: (note: string) => void,
): Promise<Description> {
  const names = Object.keys(manifest);
  const cells = names.filter((name) => CELL.test(name)).sort(compareNumbered);
  if (cells.length === 0) throw new ConversionError("manifest.json", "no variable of a BasicLSTMCell");
  const layers: Layer[] = [];
  for (const name of cells) layers.push(await readCell(manifest, name, beside));
  const one = (what: string, pattern = new RegExp(`${what}$`)) => {
    const name = names.find((candidate) => pattern.test(candidate));
    if (name === undefined) throw new ConversionError("manifest.json", `no variable ${quote(what)}`);
    return name;
  };
  const [weight, bias, embedding] = [one("softmax_w"), one("softmax_b"), one("embedding", /(?:^|\/)embedding$/)];
  const [inputSize, outputSize] = shapeOf(manifest, weight, 2);
  const [tokens, size] = shapeOf(manifest, embedding, 2);
  if (shapeOf(manifest, bias, 1)[0] !== outputSize) throw new ConversionError(bias, `expected ${outputSize} numbers`);
  const values = await readVariable(manifest, weight, beside);
  return {
    embedding: { name: embedding, tokens, size, weight: await readVariable(manifest, embedding, beside) },
    layers,
    linear: {
      name: weight,
      inputSize,
      outputSize,
      weight: transpose(values, inputSize, outputSize),
      bias: await readVariable(manifest, bias, beside),
      activation: "softmax",
    },
    vocabulary: readVocabulary(parseFile("vocab.json", await beside("vocab.json")), tokens, onNote),
  };
}

type Manifest = Record<string, Variable>;

/** A cell's weights are [inputs and then hidden units, 4 · hidden units]. */
async function readCell(manifest: Manifest, name: string, beside: ReadBeside): Promise<Layer> {
  const [rows, columns] = shapeOf(manifest, name, 2);
  const hiddenSize = columns / 4;
  const inputSize = rows - hiddenSize;
  if (!Number.isInteger(hiddenSize) || inputSize < 1)
    throw new ConversionError(name, `expected shape [I + H, 4 · H], got [${rows}, ${columns}]`);
  const bias = name.replace(/weights$/, "biases").replace(/kernel$/, "bias");
  if (!Object.hasOwn(manifest, bias)) throw new ConversionError(bias, "there is no such variable");
  if (shapeOf(manifest, bias, 1)[0] !== columns) throw new ConversionError(bias, `expected ${columns} numbers`);
  const weights = await readVariable(manifest, name, beside);
  const inOrder = (values: Float32Array) => reorderGates(values, GATE_ORDERS.basicLstmCell, GATE_ORDERS.pytorch);
  const split = inputSize * columns;
  const forward: Direction = {
    weightIh: inOrder(transpose(weights.subarray(0, split), inputSize, columns)),
    weightHh: inOrder(transpose(weights.subarray(split), hiddenSize, columns)),
    bias: inOrder(await readVariable(manifest, bias, beside)).map((value, i) =>
      Math.floor(i / hiddenSize) === GATE_ORDERS.pytorch.indexOf("f") ? value + FORGET_BIAS : value,
    ),
  };
  return { name, inputSize, hiddenSize, forward };
}

function shapeOf(manifest: Manifest, name: string, rank: number): readonly [number, number] {
  const { shape } = manifest[name]!;
  if (shape.length !== rank) throw new ConversionError(name, `expected ${rank} dimensions, got [${shape.join(", ")}]`);
  return shape as unknown as readonly [number, number];
}

async function readVariable(manifest: Manifest, name: string, beside: ReadBeside): Promise<Float32Array> {
  const { filename, shape } = manifest[name]!;
  const bytes = await beside(filename);
  if (bytes.length !== 4 * sizeOf(shape))
    throw new ConversionError(filename, `expected ${4 * sizeOf(shape)} bytes, got ${bytes.length}`);
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** What the tool that wrote these files made of two characters: it took every u for Python's prefix of a string. */
const DAMAGED: ReadonlyMap<string, string> = new Map([
  ["  ", "u"],
  ["", "U"],
]);

function readVocabulary(json: unknown, size: number, onNote: (note: string) => void): Vocabulary {
  const where = "vocab.json";
  if (!isObject(json)) throw new ConversionError(where, "expected an object of characters and their numbers");
  const tokens = new Array<string | undefined>(Object.keys(json).length);
  if (tokens.length !== size)
    throw new ConversionError(
      where,
      `expected ${size} characters, as many as the embedding has rows, got ${tokens.length}`,
    );
  for (const [entry, index] of Object.entries(json)) {
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= size || tokens[index as number])
      throw new ConversionError(where, `${quote(entry)} has no number of its own from 0 to ${size - 1}`);
    const repaired = DAMAGED.get(entry);
    const character = repaired === undefined || Object.hasOwn(json, repaired) ? entry : repaired;
    if (character !== entry) onNote(`vocab.json: entry ${index}, ${quote(entry)}, is damaged: read as ${character}`);
    tokens[index as number] = character;
  }
  try {
    return new CharacterVocabulary(tokens as string[]);
  } catch (cause) {
    throw new ConversionError(where, (cause as Error).message, { cause });
  }
}
