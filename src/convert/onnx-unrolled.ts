import type { Layer } from "./description.js";
import { transpose } from "./gates.js";
import type { Constant } from "./onnx-constants.js";
import { floatOf, type Graph, intOf, nameOf } from "./onnx-graph.js";
import type { OnnxNode } from "./onnx-messages.js";

// A Keras LSTM that reads one step is written without an LSTM node, as what it computes, with Keras' order of gates:
//
//     i, f, g, o = Split(x · W + h · R + b)
//     c' = Sigmoid(f) · c + Sigmoid(i) · Tanh(g)
//     h' = Sigmoid(o) · Tanh(c')

/** What a state goes through on its way from an input of the graph. */
const STATE_WAY = ["Slice", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Split", "Gather"];

/** A layer that a graph computes so, and the values that it does it with. */
export interface UnrolledLstm extends States, Products {
  readonly layer: Layer;
}

interface States {
  /** c */
  readonly cell: string;
  /** c' and h' */
  readonly nextCell: string;
  readonly nextHidden: string;
}

interface Products {
  /** x and h */
  readonly input: string;
  readonly hidden: string;
}

/** The layers that a graph computes so, in its order. */
export function readUnrolled(graph: Graph): UnrolledLstm[] {
  const splits = graph.nodes.filter(({ type, outputs }) => type[0] === "Split" && outputs.length === 4);
  const users = usersOf(graph);
  return splits.flatMap((split) => {
    const states = statesOf(users, split);
    const products = states && productsOf(graph, split);
    return products ? [{ ...states, ...products }] : [];
  });
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

/** The states, if the gates are used as an LSTM does. */
function statesOf(users: Users, { outputs }: OnnxNode): States | undefined {
  /** What a node of a type makes of some values, in either order. */
  const made = (type: string, ...values: (string | undefined)[]): string | undefined =>
    makers(type, ...values)[0]?.outputs[0];
  const makers = (type: string, ...values: (string | undefined)[]): OnnxNode[] =>
    (users.get(values[0] ?? "") ?? []).filter(
      (node) => node.type[0] === type && values.every((value) => value && node.inputs.includes(value)),
    );
  const [i, f, o] = [0, 1, 3].map((gate) => made("Sigmoid", outputs[gate]));
  const added = made("Mul", i, made("Tanh", outputs[2]));
  const [kept] = makers("Mul", f);
  const nextCell = made("Add", kept?.outputs[0], added);
  const nextHidden = made("Mul", o, made("Tanh", nextCell));
  const cell = kept?.inputs.find((value) => value !== f);
  return nextCell && nextHidden && cell ? { cell, nextCell, nextHidden } : undefined;
}

interface Product {
  readonly value: string;
  readonly matrix: Constant;
}

/** The layer whose gates are split, and what it reads. */
function productsOf(graph: Graph, split: OnnxNode): ({ readonly layer: Layer } & Products) | undefined {
  const products: Product[] = [];
  const biases: Float32Array[] = [];
  const open = [split.inputs[0] ?? ""];
  // Two products and a bias, or two: no more than that are added up.
  for (let i = 0; i < 8 && open.length > 0; i++) {
    const value = open.shift()!;
    const node = graph.maker(value);
    const constant = graph.constant(value);
    const matrix = node && isProduct(node) ? graph.constant(node.inputs[1]) : undefined;
    if (constant) biases.push(constant.values());
    else if (matrix) {
      products.push({ matrix, value: node!.inputs[0] ?? "" });
      open.push(...node!.inputs.slice(2, 3));
    } else if (node?.type[0] === "Add") open.push(...node.inputs);
    // With a single sequence, that dimension may be left out and put back.
    else if (node?.type[0] === "Squeeze") open.push(node.inputs[0] ?? "");
    else return undefined;
  }
  // The recurrent one is known by its shape or, if both have that, by what it multiplies.
  const square = products.filter(({ matrix: { shape } }) => shape[1] === 4 * shape[0]!);
  const recurrent = square.length === 1 ? square : square.filter(({ value }) => isState(graph, value));
  const state = recurrent.length === 1 ? recurrent[0] : undefined;
  const input = products.find((product) => product !== state);
  const [hiddenSize = 0, columns = 0] = state?.matrix.shape ?? [];
  const [inputSize = 0, width = 0] = input?.matrix.shape ?? [];
  const fits =
    products.length === 2 && open.length === 0 && columns > 0 && columns === 4 * hiddenSize && width === columns;
  const areMatrices = [input, state].every((product) => product?.matrix.shape.length === 2) && inputSize > 0;
  if (!fits || !areMatrices || biases.some(({ length }) => length !== columns)) return undefined;
  const layer = {
    name: nameOf(split).replace(/\/split.*$/s, ""),
    inputSize,
    hiddenSize,
    forward: {
      weightIh: transpose(input!.matrix.values(), inputSize, columns),
      weightHh: transpose(state!.matrix.values(), hiddenSize, columns),
      bias: biases.reduce((sum, bias) => sum.map((value, i) => value + bias[i]!), new Float32Array(columns)),
    },
  };
  return { layer, input: input!.value, hidden: state!.value };
}

/** x · W, or x · W + C. */
const isProduct = (node: OnnxNode): boolean =>
  node.type[0] === "MatMul" ||
  (node.type[0] === "Gemm" &&
    [floatOf(node, "alpha") ?? 1, floatOf(node, "beta") ?? 1].join() === "1,1" &&
    [intOf(node, "transA", 0), intOf(node, "transB", 0)].join() === "0,0");

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
