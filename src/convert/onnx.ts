import { quote } from "../common/show.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { ConversionError } from "./conversion-error.js";
import type { Description, Embedding, Layer, Linear } from "./description.js";
import { transpose } from "./gates.js";
import { ALONE, chooseLayers } from "./names.js";
import { numbered } from "./numbered.js";
import { type Axes, axisOf, DIRECTION, endsInFeatures, FEATURES, rearranged } from "./onnx-axes.js";
import { floatOf, Graph, intOf, nameOf } from "./onnx-graph.js";
import { type LoopedLstm, readLoops } from "./onnx-loop.js";
import { readLstm } from "./onnx-lstm.js";
import { MODEL, type OnnxNode } from "./onnx-messages.js";
import { readUnrolled } from "./onnx-unrolled.js";
import { readMessage } from "./protobuf.js";

// An ONNX graph is followed from its first output back to its input, then forward again: a chain of LSTMs and what PyTorch and
// tf2onnx write around them.

/** Most nodes of a graph. */
const MOST_NODES = 100_000;
/** Most tokens that are one-hot. */
const MOST_TOKENS = 8192;

/**
 * The network in an ONNX model.
 *
 * @param layers names or beginnings of LSTM nodes, separated by commas, to take these alone
 * @throws ConversionError for a graph that is no chain of layers as ours
 * @throws MissingPackageError without pbf
 */
export async function readOnnx(bytes: Uint8Array, layers?: string): Promise<Description> {
  const { graph: graphs } = await readMessage(bytes, MODEL);
  const [messages] = graphs;
  if (!messages || messages.outputs.length === 0)
    throw new ConversionError("the file", "expected an ONNX model with a graph and its outputs");
  if (messages.nodes.length > MOST_NODES)
    throw new ConversionError("the graph", `at most ${MOST_NODES} nodes, got ${messages.nodes.length}`);
  const graph = new Graph(messages);
  const loops = await readLoops(graph);
  if (layers === undefined) return new Chain(graph, loops).read();
  const nodes = graph.nodes.filter(({ type }) => type[0] === "LSTM");
  const all = [
    ...nodes.map((node) => ({ name: nameOf(node), read: () => readLstm(graph, node) })),
    ...[...loops.values(), ...readUnrolled(graph)].map(({ layer }) => ({ name: layer.name, read: () => layer })),
  ];
  return { layers: chooseLayers(all, layers, ({ name }) => name).map(({ read }) => read()) };
}

interface Link {
  readonly node: OnnxNode;
  /** Which of the node's inputs and outputs belong to the chain. */
  readonly input: number;
  readonly output: number;
}

type Loops = ReadonlyMap<OnnxNode, LoopedLstm>;

/** The chain from a graph's input to its first output, as far as it has been read. */
class Chain {
  embedding?: Embedding;
  /** Of tokens that are one-hot. */
  vocabulary?: Vocabulary;
  readonly layers: Layer[] = [];
  linear?: Linear;
  returnSequences = true;
  #axes: Axes | undefined;
  /** The label of the steps, once an LSTM has said which it is. */
  #steps: string | undefined;

  constructor(
    readonly graph: Graph,
    readonly loops: Loops,
  ) {}

  read(): Description {
    const { value, links } = linksOf(this.graph, this.loops);
    const shape = this.graph.inputShape(value);
    const isVector = this.graph.isFloat(value);
    // An axis of size 1 is one where it stands, wherever it stands.
    this.#axes = shape?.map((size, axis) =>
      isVector && axis === shape.length - 1 ? [FEATURES] : size === 1 ? [] : [String(axis)],
    );
    for (const link of links) this.#follow(link);
    if (this.layers.length === 0) throw new ConversionError("the model", "it has no LSTM");
    const { embedding, layers, linear, returnSequences, vocabulary } = this;
    return { embedding, layers, linear, returnSequences, vocabulary };
  }

  #follow(link: Link): void {
    const { node, input } = link;
    const { graph } = this;
    switch (node.type[0]) {
      case "LSTM":
        this.#lstm(link);
        break;
      case "Loop":
        this.#loop(link);
        break;
      case "Gather":
        if (input === 1) this.#embed(node);
        else this.#select(node, intOf(node, "axis", 0), graph.integers(node, node.inputs[1]));
        break;
      case "Slice": {
        const [, starts, , along] = node.inputs;
        this.#select(node, along ? (graph.integers(node, along)[0] ?? 0) : 0, graph.integers(node, starts), true);
        break;
      }
      case "OneHot":
        this.#oneHot(node);
        break;
      case "MatMul":
      case "Gemm":
        this.#multiply(node, node.type[0] === "Gemm");
        break;
      case "Add":
        this.#add(node, node.inputs[1 - input]);
        break;
      case "Concat":
        this.#join(link);
        break;
      case "Softmax":
      case "LogSoftmax":
        this.#softmax(node);
        break;
      default: {
        const axes = this.#axes && rearranged(graph, node, this.#axes);
        if (!axes) throw unknown(node);
        this.#axes = axes;
      }
    }
  }

  #embed(node: OnnxNode): void {
    const table = this.graph.constant(node.inputs[0]);
    const [tokens, size] = table?.shape ?? [];
    if (table?.shape.length !== 2 || !tokens || !size || this.embedding || this.layers.length > 0) throw unknown(node);
    if (intOf(node, "axis", 0) !== 0)
      throw new ConversionError(nameOf(node), "axis: expected 0, the rows of an embedding");
    this.embedding = { name: nameOf(node), tokens, size, weight: table.values() };
    this.#axes = [...(this.#axes ?? [["0"], ["1"]]), [FEATURES]];
  }

  #oneHot(node: OnnxNode): void {
    const [depth] = this.graph.integers(node, node.inputs[1]);
    const values = this.graph.integers(node, node.inputs[2]);
    const axes = this.#axes ?? [["0"], ["1"]];
    const isLast = [-1, axes.length].includes(intOf(node, "axis", -1));
    const isNew = this.layers.length === 0 && !this.embedding && !this.vocabulary;
    if (!isNew || !isLast || values.join() !== "0,1" || !depth || !(depth >= 1 && depth <= MOST_TOKENS))
      throw unknown(node);
    this.vocabulary = numbered(depth);
    this.#axes = [...axes, [FEATURES]];
  }

  /** Checks what an LSTM reads, and says which axes the steps and the batch are. */
  #recurrence(node: OnnxNode): { readonly steps: readonly string[]; readonly batch: readonly string[] } {
    if (this.linear || !this.returnSequences) throw unknown(node);
    this.#axes ??= [["0"], ["1"], [FEATURES]];
    const [steps = [], batch = [], features, ...more] = this.#axes;
    const [label, second] = steps;
    this.#steps ??= label;
    const isRight = second === undefined && label === this.#steps && batch.length <= 1;
    if (!isRight || !features || more.length > 0 || !endsInFeatures(this.#axes))
      throw new ConversionError(nameOf(node), "its input is not [steps, batch, inputs]");
    return { steps, batch };
  }

  #loop({ node, output }: Link): void {
    const loop = this.loops.get(node)!;
    const { steps, batch } = this.#recurrence(node);
    const length = this.#lengthOf(steps);
    if (length !== undefined && loop.steps !== undefined && loop.steps < length)
      throw new ConversionError(nameOf(node), `it ends after ${loop.steps} of ${length} steps`);
    const kind = loop.kindOf(output);
    if (!kind) throw new ConversionError(nameOf(node), "its output is not the hidden state");
    this.layers.push(loop.layer);
    this.returnSequences = kind === "steps";
    this.#axes = [...(kind === "steps" ? [steps] : []), batch, [FEATURES]];
  }

  /** The length of an axis of the input, where that is fixed. */
  #lengthOf([label]: readonly string[]): number | undefined {
    const size = this.graph.inputShape(linksOf(this.graph, this.loops).value)?.[Number(label)];
    return size !== undefined && size > 0 ? size : undefined;
  }

  #lstm({ node, output }: Link): void {
    const { steps, batch } = this.#recurrence(node);
    const layer = readLstm(this.graph, node);
    this.layers.push(layer);
    const directions = layer.forward && layer.reverse ? [DIRECTION] : [];
    if (output > 1) throw new ConversionError(nameOf(node), "its last cell state is an output");
    if (output === 1) {
      if (layer.reverse && !layer.forward)
        throw new ConversionError(nameOf(node), "its output is that of the first step");
      this.returnSequences = false;
    }
    this.#axes = [...(output === 0 ? [steps] : []), directions, batch, [FEATURES]];
  }

  /** Joins the two directions of an LSTM's output, which tf2onnx takes apart and puts together. */
  #join({ node }: Link): void {
    const [steps, directions, batch, features, ...more] = this.#axes ?? [];
    const isOutput = directions?.join() === DIRECTION && features?.join() === FEATURES && more.length === 0;
    if (!isOutput || ![2, -1].includes(intOf(node, "axis", 0))) throw unknown(node);
    this.#axes = [steps!, batch!, [DIRECTION, FEATURES]];
  }

  /** Takes the last step, by a Gather or a Slice, or the one direction that there is. */
  #select(node: OnnxNode, along: number, indices: readonly number[], keeps = false): void {
    const axes = this.#axes ?? [];
    const axis = axisOf(axes, along);
    const labels = axes[axis];
    const [index] = indices;
    if (!labels || indices.length !== 1 || labels.includes(FEATURES) || labels.includes(DIRECTION)) throw unknown(node);
    if (labels.length > 0) {
      const isLast = index === -1 || index === (this.#lengthOf(labels) ?? 0) - 1;
      if (labels.join() !== this.#steps || !isLast || this.layers.length === 0)
        throw new ConversionError(nameOf(node), `it takes a part that is not the last step; ${ALONE}`);
      if (this.layers.at(-1)!.reverse)
        throw new ConversionError(nameOf(node), "it takes the last step of a layer that reads from the end, too");
      this.returnSequences = false;
    } else if (index !== 0 && index !== -1) throw unknown(node);
    this.#axes = keeps ? axes.map((old, i) => (i === axis ? [] : old)) : axes.filter((_, i) => i !== axis);
  }

  #multiply(node: OnnxNode, isGemm: boolean): void {
    const name = nameOf(node);
    const matrix = this.graph.constant(node.inputs[1]);
    if (matrix?.shape.length !== 2 || this.layers.length === 0 || this.linear) throw unknown(node);
    if (!endsInFeatures(this.#axes ?? [])) throw new ConversionError(name, "its input is not the outputs of an LSTM");
    const isTransposed = isGemm && intOf(node, "transB", 0) === 1;
    const scales = isGemm ? [floatOf(node, "alpha") ?? 1, floatOf(node, "beta") ?? 1, intOf(node, "transA", 0)] : [];
    if (isGemm && scales.join() !== "1,1,0") throw new ConversionError(name, "alpha, beta or transA");
    const [rows = 0, columns = 0] = matrix.shape;
    const [inputSize, outputSize] = isTransposed ? [columns, rows] : [rows, columns];
    if (!(inputSize > 0 && outputSize > 0))
      throw new ConversionError(name, `expected a matrix, got shape [${rows}, ${columns}]`);
    const values = matrix.values();
    const weight = isTransposed ? values : transpose(values, rows, columns);
    this.linear = { name, inputSize, outputSize, weight, bias: new Float32Array(outputSize), activation: "none" };
    this.#axes = [...this.#axes!.slice(0, -1), [FEATURES]];
    if (isGemm && node.inputs[2]) this.#add(node, node.inputs[2]);
  }

  #add(node: OnnxNode, value: string | undefined): void {
    const bias = this.graph.constant(value)?.values();
    const { linear } = this;
    if (!linear || !bias || linear.activation === "softmax") throw unknown(node);
    if (bias.length !== linear.outputSize && bias.length !== 1)
      throw new ConversionError(nameOf(node), `expected ${linear.outputSize} biases, got ${bias.length}`);
    this.linear = { ...linear, bias: linear.bias.map((sum, i) => sum + bias[bias.length === 1 ? 0 : i]!) };
  }

  #softmax(node: OnnxNode): void {
    const axes = this.#axes ?? [];
    if (!this.linear) throw unknown(node);
    if (axisOf(axes, intOf(node, "axis", -1)) !== axes.length - 1 || !endsInFeatures(axes))
      throw new ConversionError(nameOf(node), "a softmax over another axis than the outputs");
    this.linear = { ...this.linear, activation: "softmax" };
  }
}

const unknown = (node: OnnxNode): ConversionError =>
  new ConversionError(
    nameOf(node),
    `an operator ${quote(node.type[0] ?? "")} that cannot be brought over here; ${ALONE}`,
  );

/** The nodes between a graph's input and its first output, and that input. */
function linksOf(graph: Graph, loops: Loops): { readonly value: string; readonly links: readonly Link[] } {
  const links: Link[] = [];
  let value = graph.messages.outputs[0]!.name[0] ?? "";
  for (let node = graph.maker(value); node; node = graph.maker(value)) {
    if (links.length >= graph.nodes.length) throw new ConversionError("the model", "its graph goes round in circles");
    const isConstant = node.inputs.map((input) => graph.constant(input) !== undefined);
    // Of an embedding, the table is the constant; else the first input is what a node changes.
    const isSwapped = ["Gather", "Add"].includes(node.type[0] ?? "") && isConstant[0];
    const input = isSwapped ? 1 : 0;
    links.unshift({ node, input, output: node.outputs.indexOf(value) });
    const next = readBy(graph, loops, node, input);
    if (next === undefined || graph.constant(next)) throw unknown(node);
    value = next;
  }
  return { value, links };
}

/** The value of the chain that a node changes. */
function readBy(graph: Graph, loops: Loops, node: OnnxNode, input: number): string | undefined {
  switch (node.type[0]) {
    case "Concat":
      return directionsJoined(graph, node);
    case "Loop":
      return loops.get(node)?.input;
    case "Gather":
      return input === 1 ? tokensOf(graph, node.inputs[1] ?? "") : node.inputs[0];
    default:
      return node.inputs[input];
  }
}

/**
 * The tokens that an embedding reads. Keras 3 lets negative ones count from the end, which no token of ours is:
 * (token < 0) · (token + size) + not (token < 0) · token.
 */
function tokensOf(graph: Graph, value: string): string {
  const sum = graph.maker(value);
  if (sum?.type[0] !== "Add" || sum.inputs.length !== 2) return value;
  const factors = sum.inputs
    .map((input) => graph.maker(input))
    .map((node) => (node?.type[0] === "Mul" ? node.inputs : []));
  const conditionOf = (input: string) => graph.maker(graph.source(input, "Cast"));
  for (const [kept, wrapped] of [factors, [...factors].reverse()]) {
    const not = kept!.map(conditionOf).find((node) => node?.type[0] === "Not");
    const less = wrapped!.map(conditionOf).find((node) => node?.type[0] === "Less");
    const token = kept!.find((input) => conditionOf(input) !== not);
    const added = wrapped!.map((input) => graph.maker(input)).find((node) => node?.type[0] === "Add");
    const isNegative =
      less !== undefined &&
      graph.maker(not?.inputs[0] ?? "") === less &&
      graph.source(less.inputs[0] ?? "", "Cast") === graph.source(token ?? "", "Cast") &&
      graph.constant(less.inputs[1])?.values().join() === "0";
    if (token && isNegative && added?.inputs.includes(token)) return token;
  }
  return value;
}

/** The LSTM's output [steps, directions, batch, units] of which a Concat joins the forward direction and then the other one. */
function directionsJoined(graph: Graph, concat: OnnxNode): string | undefined {
  const sources = concat.inputs.map((input, direction) => {
    const squeeze = graph.maker(input);
    const slice = graph.maker(squeeze?.inputs[0] ?? "");
    if (squeeze?.type[0] !== "Squeeze" || slice?.type[0] !== "Slice") throw unknown(concat);
    const numbers = [...slice.inputs.slice(1, 4), squeeze.inputs[1]].map((list) => graph.integers(slice, list).join());
    const isDirection = numbers.join(" ") === `${direction} ${direction + 1} 1 1`;
    return isDirection ? slice.inputs[0] : undefined;
  });
  const [forward, reverse, ...more] = sources;
  if (forward === undefined || forward !== reverse || more.length > 0) throw unknown(concat);
  return forward;
}
