import { listNames } from "../common/show.js";
import { ConversionError } from "./conversion-error.js";
import {
  type Description,
  type Direction,
  type Embedding,
  type Layer,
  type Linear,
  outputWidth,
} from "./description.js";
import { addBiases } from "./gates.js";

// A state_dict of PyTorch says what each tensor is by its name alone: an LSTM's are `weight_ih_l0` and so on (`weight_ih` of
// an LSTMCell) after any prefix, and a linear layer or an embedding is known by its shape.

/** The tensors of a file, whose numbers are read when they are wanted. */
export interface NamedTensors {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The numbers of a tensor that there is, row-major. */
  values(name: string): Float32Array | Promise<Float32Array>;
}

/**
 * The network in a state_dict. Without `layers` that is all of it: an embedding, if there is one, LSTM layers, and a linear
 * layer.
 *
 * @param layers names or prefixes of LSTMs, separated by commas, to take these alone
 * @throws ConversionError for a tensor that belongs to none of these
 */
export async function readStateDict(tensors: NamedTensors, layers?: string): Promise<Description> {
  const all = findLstms(tensors);
  const chosen = layers === undefined ? all : chooseLayers(all, layers, ({ prefix }) => prefix.replace(/\.$/, ""));
  if (chosen.length === 0)
    throw new ConversionError("the file", `no LSTM (a tensor named …weight_hh_l0) among ${shown(tensors)}`);
  const stack = stackOf(chosen);
  const read = [];
  for (const level of stack) read.push(await readLayer(tensors, level));
  if (layers !== undefined) return { layers: read };
  const used = new Set(stack.flatMap(({ directions }) => directions.flatMap(({ names }) => Object.values(names))));
  const rest = new Map([...tensors.shapes].filter(([name]) => !used.has(name)));
  const linear = await readLinear(tensors, rest, outputWidth(read.at(-1)!));
  const embedding = await readEmbedding(tensors, rest, read[0]!.inputSize);
  for (const name of rest.keys())
    throw new ConversionError(name, `it belongs to no embedding, LSTM or linear layer; ${ALONE}`);
  return { layers: read, linear, embedding };
}

/** What to do about a network of which an LSTM is only a part. */
export const ALONE = "to take the LSTM layers alone, name them by the option layers";

/** The names of the tensors of one direction of a layer. */
interface Names {
  readonly weightIh: string;
  readonly weightHh: string;
  readonly biasIh?: string;
  readonly biasHh?: string;
}

interface Level {
  /** With the layer's number, for messages. */
  readonly name: string;
  readonly directions: readonly { readonly isReverse: boolean; readonly names: Names }[];
}

/** What a module of class LSTM or LSTMCell has. */
interface Lstm {
  readonly prefix: string;
  readonly levels: readonly Level[];
}

const WEIGHT = /^(|.*\.)weight_hh(?:_l(0|[1-9]\d{0,3})(_reverse)?)?$/s;

/** Whether a name is that of an LSTM's weights. */
export const isLstmTensor = (name: string): boolean => WEIGHT.test(name);

/** The LSTMs, in the order in which their prefixes are counted. */
function findLstms({ shapes }: NamedTensors): Lstm[] {
  const found = new Map<string, Map<number, Level & { directions: Level["directions"][number][] }>>();
  for (const name of shapes.keys()) {
    const [, prefix, number = "0", reverse] = WEIGHT.exec(name) ?? [];
    if (prefix === undefined) continue;
    const suffix = name.slice(prefix.length + "weight_hh".length);
    const names = namesOf(shapes, prefix, suffix);
    const levels = found.get(prefix) ?? found.set(prefix, new Map()).get(prefix)!;
    const layer = Number(number);
    const level = levels.get(layer) ?? { name: prefix + suffix.replace(/^_|_reverse$/g, ""), directions: [] };
    level.directions.push({ isReverse: reverse !== undefined, names });
    levels.set(layer, level);
  }
  const lstms = [...found].map(([prefix, levels]) => {
    const ordered = [...levels].sort(([a], [b]) => a - b);
    for (const [i, [layer, { name }]] of ordered.entries())
      if (i !== layer) throw new ConversionError(name, `there is no layer ${i} below it`);
    return { prefix, levels: ordered.map(([, level]) => level) };
  });
  return lstms.sort((a, b) => compareNumbered(a.prefix, b.prefix));
}

/** @throws ConversionError for a tensor that is missing, or makes it another kind of LSTM */
function namesOf(shapes: NamedTensors["shapes"], prefix: string, suffix: string): Names {
  const weightIh = `${prefix}weight_ih${suffix}`;
  if (!shapes.has(weightIh)) throw new ConversionError(weightIh, "there is no such tensor beside weight_hh");
  const projection = `${prefix}weight_hr${suffix}`;
  if (shapes.has(projection)) throw new ConversionError(projection, "an LSTM with a projection (proj_size)");
  const biases = [`${prefix}bias_ih${suffix}`, `${prefix}bias_hh${suffix}`].map((name) =>
    shapes.has(name) ? name : undefined,
  );
  return {
    weightIh,
    weightHh: `${prefix}weight_hh${suffix}`,
    ...(biases[0] === undefined ? {} : { biasIh: biases[0] }),
    ...(biases[1] === undefined ? {} : { biasHh: biases[1] }),
  };
}

/** Compares names by their text, and by their numbers where the text is the same: lstm.2 is before lstm.10. */
export function compareNumbered(a: string, b: string): number {
  const [as, bs] = [a, b].map((name) => name.split(/(\d{1,15})/)) as [string[], string[]];
  for (let i = 0; i < Math.min(as.length, bs.length); i++) {
    if (as[i] === bs[i]) continue;
    return i % 2 === 1 ? Number(as[i]) - Number(bs[i]) : as[i]! < bs[i]! ? -1 : 1;
  }
  return as.length - bs.length;
}

/**
 * The LSTMs that a list names, in the order of the list: by a name or, where none is called so, by its beginning.
 *
 * @throws ConversionError where nothing is called so
 */
export function chooseLayers<Named>(all: readonly Named[], list: string, nameOf: (named: Named) => string): Named[] {
  return list.split(",").flatMap((wanted) => {
    const name = wanted.trim().replace(/\.$/, "");
    const exact = all.filter((named) => nameOf(named) === name);
    const chosen = exact.length > 0 ? exact : all.filter((named) => nameOf(named).startsWith(name));
    if (name === "" || chosen.length === 0)
      throw new ConversionError("layers", `no LSTM ${name}; there are ${listNames(all.map(nameOf), name)}`);
    return chosen;
  });
}

/**
 * The layers of several LSTMs, one on top of the other.
 *
 * @throws ConversionError where they are not numbered as such a stack is
 */
function stackOf(lstms: readonly Lstm[]): readonly Level[] {
  const unnumbered = new Set(lstms.map(({ prefix }) => prefix.replace(/\d+/g, "#")));
  if (unnumbered.size > 1) {
    const names = lstms.map(({ prefix }) => prefix.replace(/\.$/, ""));
    throw new ConversionError("the file", `several LSTMs: name one by the option layers (${listNames(names, "")})`);
  }
  return lstms.flatMap(({ levels }) => levels);
}

async function readLayer(tensors: NamedTensors, { name, directions }: Level): Promise<Layer> {
  const { shapes } = tensors;
  const sizes = directions.map(({ names }) => sizesOf(shapes, names));
  const [{ inputSize, hiddenSize }, second] = sizes as [Sizes, Sizes?];
  if (second && (second.inputSize !== inputSize || second.hiddenSize !== hiddenSize))
    throw new ConversionError(name, "its two directions are of unequal size");
  const layer: { -readonly [Key in keyof Layer]: Layer[Key] } = { name, inputSize, hiddenSize };
  for (const { isReverse, names } of directions)
    layer[isReverse ? "reverse" : "forward"] = await readDirection(tensors, names, 4 * hiddenSize);
  return layer;
}

async function readDirection(tensors: NamedTensors, names: Names, rows: number): Promise<Direction> {
  const bias = (name: string | undefined) => (name === undefined ? undefined : tensors.values(name));
  return {
    weightIh: await tensors.values(names.weightIh),
    weightHh: await tensors.values(names.weightHh),
    bias: addBiases(await bias(names.biasIh), await bias(names.biasHh), rows),
  };
}

type Sizes = Pick<Layer, "inputSize" | "hiddenSize">;

/** @throws ConversionError unless the shapes are those of an LSTM */
function sizesOf(shapes: NamedTensors["shapes"], { weightIh, weightHh, biasIh, biasHh }: Names): Sizes {
  const [rows = 0, hiddenSize = 0] = matrixOf(shapes, weightHh);
  if (rows !== 4 * hiddenSize) {
    const kind = rows === 3 * hiddenSize ? ", as of a GRU" : rows === hiddenSize ? ", as of a plain RNN" : "";
    throw new ConversionError(weightHh, `expected shape [4 · H, H], got [${rows}, ${hiddenSize}]${kind}`);
  }
  const [inputRows, inputSize] = matrixOf(shapes, weightIh);
  if (inputRows !== rows) throw new ConversionError(weightIh, `expected ${rows} rows, got ${inputRows}`);
  for (const name of [biasIh, biasHh])
    if (name !== undefined && shapes.get(name)!.join() !== `${rows}`)
      throw new ConversionError(name, `expected shape [${rows}], got [${shapes.get(name)!.join(", ")}]`);
  return { inputSize, hiddenSize };
}

function matrixOf(shapes: NamedTensors["shapes"], name: string): readonly [number, number] {
  const shape = shapes.get(name)!;
  const [rows, columns] = shape;
  if (shape.length !== 2 || !rows || !columns)
    throw new ConversionError(name, `expected a matrix, got shape [${shape.join(", ")}]`);
  return [rows, columns];
}

/** A matrix, and the bias of the same module. */
interface Candidate {
  readonly name: string;
  readonly bias: string | undefined;
  readonly shape: readonly number[];
}

function* candidates(rest: NamedTensors["shapes"]): Generator<Candidate> {
  for (const [name, shape] of rest) {
    if (shape.length !== 2 || !name.endsWith("weight")) continue;
    const bias = name.replace(/weight$/, "bias");
    yield { name, shape, bias: rest.get(bias)?.join() === String(shape[0]) ? bias : undefined };
  }
}

/** Takes the linear layer out of the tensors that are left. */
async function readLinear(
  tensors: NamedTensors,
  rest: Map<string, readonly number[]>,
  width: number,
): Promise<Linear | undefined> {
  const fitting = [...candidates(rest)].filter(({ shape }) => shape[1] === width);
  // An embedding may be as wide as the LSTM: it has no bias, and comes first.
  const found = fitting.find(({ bias }) => bias !== undefined) ?? fitting.findLast(({ name }) => !/embed/i.test(name));
  if (!found) return undefined;
  const { name, bias, shape } = found;
  const [outputSize = 0] = shape;
  if (outputSize === 0) throw new ConversionError(name, "it has no rows");
  rest.delete(name);
  if (bias !== undefined) rest.delete(bias);
  return {
    name: name.replace(/\.?weight$/, "") || name,
    outputSize,
    inputSize: width,
    weight: await tensors.values(name),
    bias: addBiases(bias === undefined ? undefined : await tensors.values(bias), undefined, outputSize),
  };
}

/** Takes the embedding out of the tensors that are left. */
async function readEmbedding(
  tensors: NamedTensors,
  rest: Map<string, readonly number[]>,
  width: number,
): Promise<Embedding | undefined> {
  const found = [...candidates(rest)].find(({ shape, bias }) => shape[1] === width && bias === undefined);
  if (!found) return undefined;
  const { name, shape } = found;
  const [tokens = 0] = shape;
  if (tokens === 0) throw new ConversionError(name, "it has no rows");
  rest.delete(name);
  return { name: name.replace(/\.?weight$/, "") || name, tokens, size: width, weight: await tensors.values(name) };
}

const shown = ({ shapes }: NamedTensors): string =>
  shapes.size === 0 ? "no tensors" : `the tensors ${listNames([...shapes.keys()], "lstm.weight_hh_l0")}`;
