import { quote } from "../common/show.js";
import { ConversionError } from "./conversion-error.js";
import type { Direction, Layer } from "./description.js";
import { addBiases, GATE_ORDERS, reorderGates } from "./gates.js";
import { floatOf, type Graph, intOf, nameOf, textOf, textsOf } from "./onnx-graph.js";
import type { OnnxNode } from "./onnx-messages.js";

// The LSTM operator: github.com/onnx/onnx, docs/Operators.md. W is [directions, 4 · H, I], R is [directions, 4 · H, H], and B
// is [directions, 8 · H], the input biases before the recurrent ones.

/** What passes zeros on as zeros, whatever its shape becomes. */
const RESHAPING = ["Expand", "Unsqueeze", "Squeeze", "Slice", "Identity", "Reshape", "Tile"];

/**
 * The layer that an LSTM node is.
 *
 * @throws ConversionError for one that is not like ours
 */
export function readLstm(graph: Graph, node: OnnxNode): Layer {
  const name = nameOf(node);
  const direction = textOf(node, "direction") ?? "forward";
  if (!["forward", "reverse", "bidirectional"].includes(direction))
    throw new ConversionError(name, `direction: ${quote(direction)}`);
  const count = direction === "bidirectional" ? 2 : 1;
  checkKind(graph, node, count);
  const [W, R, B] = node.inputs.slice(1, 4).map((value) => graph.constant(value));
  if (!W || !R || (node.inputs[3] && !B))
    throw new ConversionError(name, "expected weights W, R and B that are constants");
  const [, rows = 0, inputSize = 0] = W.shape;
  const hiddenSize = rows / 4;
  const fits = (shape: readonly number[], ...expected: number[]) => shape.join() === expected.join();
  if (
    !(Number.isInteger(hiddenSize) && hiddenSize > 0 && inputSize > 0) ||
    !fits(W.shape, count, rows, inputSize) ||
    !fits(R.shape, count, rows, hiddenSize) ||
    (B && !fits(B.shape, count, 2 * rows))
  )
    throw new ConversionError(name, `W [${W.shape}], R [${R.shape}] and B [${B?.shape ?? ""}] do not fit together`);
  const [w, r, b] = [W.values(), R.values(), B?.values()];
  const part = (values: Float32Array, index: number, of: number) =>
    reorderGates(values.slice(index * of, (index + 1) * of), GATE_ORDERS.onnx, GATE_ORDERS.pytorch);
  const read = (index: number): Direction => ({
    weightIh: part(w, index, rows * inputSize),
    weightHh: part(r, index, rows * hiddenSize),
    bias: addBiases(b && part(b, 2 * index, rows), b && part(b, 2 * index + 1, rows), rows),
  });
  const sizes = { name, inputSize, hiddenSize };
  if (count === 2) return { ...sizes, forward: read(0), reverse: read(1) };
  return direction === "reverse" ? { ...sizes, reverse: read(0) } : { ...sizes, forward: read(0) };
}

/** @throws ConversionError for what makes it another kind of LSTM */
function checkKind(graph: Graph, node: OnnxNode, directions: number): void {
  const refuse = (why: string): never => {
    throw new ConversionError(nameOf(node), why);
  };
  const activations = textsOf(node, "activations") ?? [];
  const usual = ["Sigmoid", "Tanh", "Tanh"];
  const expected = directions === 2 ? [...usual, ...usual] : usual;
  if (activations.length > 0 && activations.join().toLowerCase() !== expected.join().toLowerCase())
    refuse(`activations: expected ${expected.join(", ")}, got ${quote(activations.join(", "))}`);
  if (floatOf(node, "clip") !== undefined) refuse("clip: its gates are limited");
  if (intOf(node, "input_forget", 0) !== 0) refuse("input_forget: its input and forget gates are coupled");
  if (intOf(node, "layout", 0) !== 0) refuse("layout: expected 0, [steps, batch, inputs]");
  // Exporters may compute the full length here; a number that stands in the file is shorter.
  if (node.inputs[4] && graph.constant(node.inputs[4])) refuse("sequence_lens: it ends before its inputs do");
  if (node.inputs[7]) {
    const peepholes = graph.constant(node.inputs[7]);
    if (!peepholes || peepholes.values().some((value) => value !== 0)) refuse("it has peepholes");
  }
  for (const state of node.inputs.slice(5, 7))
    if (!startsAtZero(graph, state)) refuse(`its state ${quote(state)} begins with other numbers than zeros`);
}

/** Whether a state is zeros, or an input or something computed of one, which the one who runs the graph decides on. */
export function startsAtZero(graph: Graph, state: string): boolean {
  let value = state;
  // A graph may be damaged, and go round in circles.
  for (let i = 0; i < 20; i++) {
    const constant = graph.constant(value);
    if (constant) return constant.values().every((number) => number === 0);
    const maker = graph.maker(value);
    if (!maker || !RESHAPING.includes(maker.type[0] ?? "")) return true;
    value = maker.inputs[0] ?? "";
  }
  return false;
}
