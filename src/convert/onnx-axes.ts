import { ConversionError } from "./conversion-error.js";
import { type Graph, intOf, intsOf, nameOf } from "./onnx-graph.js";
import type { OnnxNode } from "./onnx-messages.js";

// What the axes of a value are is followed through the graph, so that a transposition or a reshaping that would mix them up is
// found. Each axis is a list of labels: "0" and "1" for the axes of the input, which are the steps and the sequences in either
// order, "direction", and "features". An axis of length 1 has none, and one that others were joined in has several.

export type Axes = readonly (readonly string[])[];

export const FEATURES = "features";
export const DIRECTION = "direction";

/** Whether the last axis is all that a step has, the forward direction first. */
export const endsInFeatures = (axes: Axes): boolean =>
  /^(direction,)?features$/.test(axes.at(-1)?.join() ?? "") && !axes.slice(0, -1).flat().includes(DIRECTION);

/** The axis that a negative number counts from the end. */
export const axisOf = (axes: Axes, axis: number): number => (axis < 0 ? axis + axes.length : axis);

/**
 * The axes after a node that only rearranges them; undefined for a node that does something else.
 *
 * @throws ConversionError where they get mixed up
 */
export function rearranged(graph: Graph, node: OnnxNode, axes: Axes): Axes | undefined {
  const refuse = (why: string): never => {
    throw new ConversionError(nameOf(node), `${node.type[0]}: ${why}`);
  };
  /** Before opset 13 the axes are an attribute, since then an input. */
  const listed = (): readonly number[] =>
    intsOf(node, "axes") ?? (node.inputs[1] ? graph.integers(node, node.inputs[1]) : []);
  switch (node.type[0]) {
    case "Identity":
    case "Cast":
    case "Dropout":
      return axes;
    case "Transpose": {
      const order = intsOf(node, "perm") ?? axes.map((_, axis) => axes.length - 1 - axis);
      if ([...order].sort((a, b) => a - b).join() !== [...axes.keys()].join()) refuse(`perm: ${order.length} axes`);
      return order.map((axis) => axes[axis]!);
    }
    case "Squeeze": {
      const given = listed();
      if (given.length === 0) return refuse("expected axes");
      const gone = given.map((axis) => axisOf(axes, axis));
      if (gone.some((axis) => axes[axis]?.includes(FEATURES))) refuse("an axis of hidden units");
      // One that has a label is the batch, of any size, that is to be 1.
      return axes.filter((_, axis) => !gone.includes(axis));
    }
    case "Unsqueeze": {
      const given = listed();
      const rank = axes.length + given.length;
      if (given.length === 0 || rank > 8) return refuse("expected axes");
      const added = given.map((axis) => (axis < 0 ? axis + rank : axis));
      const rest = [...axes];
      return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? [] : (rest.shift() ?? [])));
    }
    case "Flatten": {
      const axis = axisOf(axes, intOf(node, "axis", 1));
      return [axes.slice(0, axis).flat(), axes.slice(axis).flat()];
    }
    case "Reshape":
      return reshaped(graph, node, axes) ?? refuse("it mixes up steps, sequences and hidden units");
    default:
      return undefined;
  }
}

function reshaped(graph: Graph, node: OnnxNode, axes: Axes): Axes | undefined {
  const sizes = targetOf(graph, node);
  const labels = axes.flat();
  const features = labels.at(-2) === DIRECTION ? labels.slice(-2) : labels.slice(-1);
  const before = labels.slice(0, -features.length);
  if (!sizes || labels.at(-1) !== FEATURES || before.includes(DIRECTION)) return undefined;
  const outer = sizes.slice(0, -1);
  // Those that are not of size 1 take what there is in turn; else one takes all.
  const free =
    outer.length === before.length ? [...outer.keys()] : [...outer.keys()].filter((axis) => outer[axis] !== 1);
  const rest = [...before];
  if (free.length >= before.length)
    return [...outer.map((_, axis) => (free.includes(axis) && rest.length > 0 ? [rest.shift()!] : [])), features];
  return free.length === 1 ? [...outer.map((_, axis) => (axis === free[0] ? before : [])), features] : undefined;
}

/** The sizes that a Reshape asks for, −1 for any; undefined if not even their number is known. */
function targetOf(graph: Graph, { inputs }: OnnxNode): number[] | undefined {
  let value = inputs[1] ?? "";
  for (let i = 0; i < 20; i++) {
    const constant = graph.constant(value);
    if (constant) return [...constant.values()];
    const maker = graph.maker(value);
    if (maker?.type[0] === "Concat")
      return maker.inputs.flatMap((part) => [...(graph.constant(part)?.values() ?? [-1])]);
    if (maker?.type[0] !== "Cast") return undefined;
    value = maker.inputs[0] ?? "";
  }
  return undefined;
}
