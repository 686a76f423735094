import { sizeOf } from "../network/tensors.js";
import type { Layer } from "./description.js";
import { transpose } from "./gates.js";
import type { Constant } from "./onnx-constants.js";
import { type Graph, nameOf } from "./onnx-graph.js";
import type { OnnxNode } from "./onnx-messages.js";

// A Keras LSTM that reads one step is written without an LSTM node, as what it computes, with Keras' order of gates:
//
//     i, f, g, o = Split(x · W + h · R + b)
//     c' = Sigmoid(f) · c + Sigmoid(i) · Tanh(g)
//     h' = Sigmoid(o) · Tanh(c')

/** What a state goes through on its way from an input of the graph. */
const STATE_WAY = ["Slice", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Split", "Gather"];

/** The layers that a graph computes so, in its order. */
export function readUnrolled(graph: Graph): Layer[] {
  const splits = graph.nodes.filter(({ type, outputs }) => type[0] === "Split" && outputs.length === 4);
  const users = usersOf(graph);
  return splits.flatMap((split) => (computesStates(users, split) ? (layerOf(graph, split) ?? []) : []));
}

type Users = ReadonlyMap<string, readonly OnnxNode[]>;

/** The nodes that read each value: some of them, where there are a great many. */
function usersOf({ nodes }: Graph): Users {
  const users = new Map<string, OnnxNode[]>();
  for (const node of nodes)
    for (const input of node.inputs) {
      const known = users.get(input) ?? users.set(input, []).get(input)!;
      if (known.length < 20) known.push(node);
    }
  return users;
}

/** Whether the gates are used as an LSTM does. */
function computesStates(users: Users, { outputs }: OnnxNode): boolean {
  /** What a node of a type makes of some values, in either order. */
  const made = (type: string, ...values: (string | undefined)[]): string | undefined =>
    users
      .get(values[0] ?? "")
      ?.find((node) => node.type[0] === type && values.every((value) => value && node.inputs.includes(value)))
      ?.outputs[0];
  const [i, f, o] = [0, 1, 3].map((gate) => made("Sigmoid", outputs[gate]));
  const added = made("Mul", i, made("Tanh", outputs[2]));
  const kept = made("Mul", f);
  return made("Mul", o, made("Tanh", made("Add", kept, added))) !== undefined;
}

function layerOf(graph: Graph, split: OnnxNode): Layer | undefined {
  const products: { readonly matrix: Constant; readonly isRecurrent: boolean }[] = [];
  const biases: Float32Array[] = [];
  const open = [split.inputs[0] ?? ""];
  // Two products and a bias, or two: no more than that are added up.
  for (let i = 0; i < 8 && open.length > 0; i++) {
    const value = open.shift()!;
    const node = graph.maker(value);
    const constant = graph.constant(value);
    const matrix = node?.type[0] === "MatMul" ? graph.constant(node.inputs[1]) : undefined;
    if (constant) biases.push(constant.values());
    else if (matrix) products.push({ matrix, isRecurrent: isState(graph, node!.inputs[0] ?? "") });
    else if (node?.type[0] === "Add") open.push(...node.inputs);
    else return undefined;
  }
  // The recurrent one is known by its shape or, if both have that, by what it multiplies.
  const square = products.filter(({ matrix: { shape } }) => shape[1] === 4 * shape[0]!);
  const recurrent = square.length === 1 ? square : square.filter(({ isRecurrent }) => isRecurrent);
  const state = recurrent.length === 1 ? recurrent[0]!.matrix : undefined;
  const input = products.find(({ matrix }) => matrix !== state)?.matrix;
  const [hiddenSize = 0, columns = 0] = state?.shape ?? [];
  const [inputSize = 0, width = 0] = input?.shape ?? [];
  const fits =
    products.length === 2 && open.length === 0 && columns > 0 && columns === 4 * hiddenSize && width === columns;
  const areMatrices = input?.shape.length === 2 && state?.shape.length === 2 && sizeOf(input.shape) > 0;
  if (!fits || !areMatrices || biases.some(({ length }) => length !== columns)) return undefined;
  return {
    name: nameOf(split).replace(/\/split.*$/s, ""),
    inputSize,
    hiddenSize,
    forward: {
      weightIh: transpose(input.values(), inputSize, columns),
      weightHh: transpose(state.values(), hiddenSize, columns),
      bias: biases.reduce((sum, bias) => sum.map((value, i) => value + bias[i]!), new Float32Array(columns)),
    },
  };
}

/** Whether a value is a part of an input of the graph. */
function isState(graph: Graph, start: string): boolean {
  let value = start;
  for (let i = 0; i < 20; i++) {
    const node = graph.maker(value);
    if (!node) return graph.inputShape(value) !== undefined;
    if (!STATE_WAY.includes(node.type[0] ?? "")) return false;
    value = node.inputs[0] ?? "";
  }
  return false;
}
