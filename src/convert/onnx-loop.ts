import { ConversionError } from "./conversion-error.js";
import type { Layer } from "./description.js";
import { Graph, intOf, nameOf } from "./onnx-graph.js";
import { startsAtZero } from "./onnx-lstm.js";
import { GRAPH, type OnnxGraph, type OnnxNode } from "./onnx-messages.js";
import { readUnrolled } from "./onnx-unrolled.js";
import { readMessage } from "./protobuf.js";

// tf2onnx writes an LSTM of Keras 3 whose sequences have a fixed length, or that is stateful, as a Loop: its body is one step, with
// the time, h and c handed on from step to step, and x taken from all steps by the time. With a mask it is more than an LSTM,
// and refused.

/** An LSTM that is a Loop. */
export interface LoopedLstm {
  readonly layer: Layer;
  /** The value that it reads, [steps, batch, inputs]. */
  readonly input: string;
  /** How many steps it reads, if that is known. */
  readonly steps: number | undefined;
  /** The kind of one of the node's outputs: h of all steps, or of the last one; else undefined. */
  kindOf(output: number): "steps" | "last" | undefined;
}

/** A value that is handed on from step to step. */
interface Carried {
  readonly name: string;
  readonly initial: string;
  readonly next: string;
}

/** The Loops of a graph that are LSTMs. */
export async function readLoops(graph: Graph): Promise<ReadonlyMap<OnnxNode, LoopedLstm>> {
  const loops = new Map<OnnxNode, LoopedLstm>();
  for (const node of graph.nodes) {
    const body = node.attributes.find(({ name }) => name[0] === "body")?.graph[0];
    if (node.type[0] !== "Loop" || !body) continue;
    const loop = loopOf(graph, node, await readMessage(body, GRAPH));
    if (loop) loops.set(node, loop);
  }
  return loops;
}

function loopOf(graph: Graph, node: OnnxNode, body: OnnxGraph): LoopedLstm | undefined {
  const outputs = body.outputs.map(({ name }) => name[0] ?? "");
  const carried = body.inputs.slice(2).map(
    ({ name }, i): Carried => ({
      name: name[0] ?? "",
      initial: node.inputs[i + 2] ?? "",
      next: outputs[i + 1] ?? "",
    }),
  );
  /** What is handed on as it is, by its name outside. */
  const unchanged = new Map<string, string>();
  const step = new Graph(body, (value) => graph.constant(unchanged.get(value) ?? value));
  for (const { name, initial, next } of carried)
    if (step.source(next, "Identity") === name) unchanged.set(name, initial);
  const isNext = (next: string, value: string) => step.source(next, "Identity") === value;
  const [lstm, ...more] = readUnrolled(step);
  if (!lstm || more.length > 0) return undefined;
  const { layer, input, hidden, cell, nextHidden, nextCell } = lstm;
  const h = carried.find(({ name, next }) => name === step.source(hidden, "Squeeze") && isNext(next, nextHidden));
  const c = carried.find(({ name, next }) => name === step.source(cell, "Squeeze") && isNext(next, nextCell));
  const all = readByTime(graph, step, carried, step.source(input, "Squeeze"));
  if (!h || !c || all === undefined) return undefined;
  for (const { initial } of [h, c])
    if (!startsAtZero(graph, initial))
      throw new ConversionError(nameOf(node), "its states begin with other numbers than zeros");
  const [steps] = graph.constant(node.inputs[0])?.values() ?? [];
  return {
    layer: { ...layer, name: nameOf(node) },
    input: unchanged.get(all) ?? all,
    steps,
    kindOf: (output) => {
      if (output < carried.length) return carried[output] === h ? "last" : undefined;
      return isNext(outputs[output + 1] ?? "", nextHidden) ? "steps" : undefined;
    },
  };
}

/** The value whose first axis the time selects from, from 0 on; undefined for one that is read otherwise. */
function readByTime(outer: Graph, step: Graph, carried: readonly Carried[], value: string): string | undefined {
  const gather = step.maker(value);
  if (gather?.type[0] !== "Gather" || intOf(gather, "axis", 0) !== 0) return undefined;
  const [all = "", index = ""] = gather.inputs;
  const time = carried.find(({ name }) => name === step.source(index, "Identity", "Cast", "Squeeze"));
  if (!time || outer.constant(time.initial)?.values().join() !== "0") return undefined;
  const next = step.maker(step.source(time.next, "Identity"));
  const added = next?.inputs.find((input) => input !== time.name);
  const isNext = next?.type[0] === "Add" && next.inputs.includes(time.name);
  return isNext && step.constant(added)?.values().join() === "1" ? all : undefined;
}
