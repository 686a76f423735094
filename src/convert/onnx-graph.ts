import { quote } from "../common/show.js";
import { ConversionError } from "./conversion-error.js";
import { type Constant, constantsOf } from "./onnx-constants.js";
import { FLOAT, type OnnxGraph, type OnnxNode } from "./onnx-messages.js";

/** The nodes of an ONNX graph, each found by what it makes. */
export class Graph {
  readonly nodes: readonly OnnxNode[];
  readonly #constants: ReadonlyMap<string, Constant>;
  readonly #makers = new Map<string, OnnxNode>();
  readonly #inputs: ReadonlyMap<string, OnnxGraph["inputs"][number]>;

  /** @param outer the constants around a graph that is part of another */
  constructor(
    readonly messages: OnnxGraph,
    private readonly outer: (value: string) => Constant | undefined = () => undefined,
  ) {
    this.nodes = messages.nodes.map(withDomain);
    this.#constants = constantsOf({ ...messages, nodes: [...this.nodes] });
    for (const node of this.nodes) for (const output of node.outputs) this.#makers.set(output, node);
    this.#inputs = new Map(messages.inputs.map((input) => [input.name[0] ?? "", input]));
  }

  constant(value: string | undefined): Constant | undefined {
    return value === undefined ? undefined : (this.#constants.get(value) ?? this.outer(value));
  }

  /** The numbers of a constant that a node needs. */
  integers(node: OnnxNode, value: string | undefined): number[] {
    const constant = this.constant(value);
    if (!constant) throw new ConversionError(nameOf(node), `expected constants, got ${quote(value ?? "")}`);
    return [...constant.values()];
  }

  maker(value: string): OnnxNode | undefined {
    return this.#makers.get(value);
  }

  /** Where a value comes from, through nodes of these types. */
  source(value: string, ...types: string[]): string {
    let source = value;
    // A graph may be damaged, and go round in circles.
    for (let i = 0; i < 20; i++) {
      const node = this.maker(source);
      if (!node || !types.includes(node.type[0] ?? "")) break;
      source = node.inputs[0] ?? "";
    }
    return source;
  }

  /** Whether an input has floating-point numbers: vectors, not tokens. */
  isFloat(value: string): boolean {
    return FLOATS.includes(this.#inputs.get(value)?.type[0]?.tensor[0]?.elementType[0] ?? 0);
  }

  /** The sizes of an input, −1 where they are not fixed; undefined for a value that is none. */
  inputShape(value: string): number[] | undefined {
    const input = this.#inputs.get(value);
    return input?.type[0]?.tensor[0]?.shape[0]?.dims.map((dim) => dim.value[0] ?? -1);
  }
}

/** The names of ONNX's own operators. */
const OWN_DOMAINS = ["", "ai.onnx"];

/** A node whose type has the domain in front, unless it is ONNX's: another's `LSTM` is none that we know. */
function withDomain(node: OnnxNode): OnnxNode {
  const [domain = ""] = node.domain;
  return OWN_DOMAINS.includes(domain) ? node : { ...node, type: [`${domain}.${node.type[0] ?? ""}`] };
}

/** TensorProto.DataType: float, float16, double, bfloat16. */
const FLOATS = [FLOAT, 10, 11, 16];

/** What a node is called in messages. */
export const nameOf = ({ name, outputs, type }: OnnxNode): string => name[0] || outputs[0] || type[0] || "a node";

const attribute = ({ attributes }: OnnxNode, name: string) => attributes.find((found) => found.name[0] === name);

export const intOf = (node: OnnxNode, name: string, otherwise: number): number =>
  attribute(node, name)?.int[0] ?? otherwise;

export const intsOf = (node: OnnxNode, name: string): readonly number[] | undefined => attribute(node, name)?.ints;

export const floatOf = (node: OnnxNode, name: string): number | undefined => attribute(node, name)?.float[0];

export const textOf = (node: OnnxNode, name: string): string | undefined => attribute(node, name)?.string[0];

export const textsOf = (node: OnnxNode, name: string): readonly string[] | undefined => attribute(node, name)?.strings;
