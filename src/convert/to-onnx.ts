import { OptionError } from "../common/errors.js";
import { boolean, type OptionsOf, settle } from "../common/options.js";
import type { Model } from "../model/model.js";
import { checkModel } from "../model/model.js";
import { GATE_ORDERS, reorderGates, transpose } from "./gates.js";
import { ATTRIBUTE_TYPES, FLOAT, INT64, MODEL } from "./onnx-messages.js";
import { type Written, writeMessage } from "./protobuf.js";

/** How a model is written as ONNX. */
export const ONNX_OPTIONS = {
  /** ONNX takes the states h0 and c0 and gives hn and cn, to go on step by step. Not for a bidirectional model. */
  stateful: boolean({ default: false }),
};

/** Options of {@link toOnnx}. */
export interface OnnxOptions extends OptionsOf<typeof ONNX_OPTIONS> {}

/** The first with all that is written here; onnxruntime has read it since 1.12, of 2022. */
const OPSET = 17;
const IR_VERSION = 8;

type GraphMessage = NonNullable<Written<typeof MODEL>["graph"]>[number];
type NodeMessage = NonNullable<GraphMessage["nodes"]>[number];
type TensorMessage = NonNullable<GraphMessage["initializers"]>[number];
type ValueMessage = NonNullable<GraphMessage["inputs"]>[number];
type Dim = number | string;

/**
 * A model as an ONNX file, opset 17. Its input is `input`: tokens [batch, steps] of int64, or vectors [batch, steps, inputs].
 * Its output is `output`, before any softmax: [batch, steps, outputs], or [batch, outputs] where only the last step has one.
 * With `stateful`, h0, c0, hn and cn are [layers, batch, hidden units].
 *
 * @throws OptionError for a stateful model that is bidirectional
 * @throws MissingPackageError without pbf
 */
export async function toOnnx(model: Model, options: OnnxOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  checkModel(model);
  const { stateful } = settle(ONNX_OPTIONS, options);
  if (stateful && model.config.bidirectional)
    throw new OptionError("stateful", "false for a bidirectional model, which needs the whole sequence", stateful);
  const message: Written<typeof MODEL> = {
    irVersion: [IR_VERSION],
    producer: ["lstm-wasm"],
    graph: [new GraphWriter(model).write(stateful)],
    opsets: [{ version: [OPSET] }],
  };
  return writeMessage(message, MODEL);
}

class GraphWriter {
  readonly #nodes: NodeMessage[] = [];
  readonly #tensors: TensorMessage[] = [];

  constructor(readonly model: Model) {}

  write(stateful: boolean): GraphMessage {
    const { config, input, output, reads } = this.model;
    const { layers, hiddenSize, returnSequences } = config;
    const states = stateful ? ["h", "c"] : [];
    const parts = states.map((state) => this.#split(`${state}0`, layers));
    const ends: string[][] = states.map(() => []);
    let steps = this.#node("Transpose", [this.#inputs()], { perm: [1, 0, 2] });
    let last = "";
    for (let layer = 0; layer < layers; layer++) {
      const [y, h, c] = this.#lstm(
        layer,
        steps,
        parts.map((names) => names[layer]!),
      );
      ends[0]?.push(h);
      ends[1]?.push(c);
      // [steps, directions, batch, hidden units] → [steps, batch, directions · hidden units]
      if (layer < layers - 1 || returnSequences) steps = this.#join(y, [0, 2, 1, 3], [0, 0, -1]);
      last = h;
    }
    const features = returnSequences
      ? this.#node("Transpose", [steps], { perm: [1, 0, 2] })
      : this.#join(last, [1, 0, 2], [0, -1]);
    this.#linear(features);
    for (const [i, state] of states.entries()) this.#node("Concat", ends[i]!, { axis: 0 }, [`${state}n`]);
    const sequences: Dim[] = ["batch", "steps"];
    const state: Dim[] = [layers, "batch", hiddenSize];
    return {
      name: ["lstm"],
      nodes: this.#nodes,
      initializers: this.#tensors,
      inputs: [
        reads === "tokens" ? value("input", INT64, sequences) : value("input", FLOAT, [...sequences, input.size]),
        ...states.map((name) => value(`${name}0`, FLOAT, state)),
      ],
      outputs: [
        value("output", FLOAT, [...(returnSequences ? sequences : ["batch"]), output.size]),
        ...states.map((name) => value(`${name}n`, FLOAT, state)),
      ],
    };
  }

  /** Vectors [batch, steps, inputs]: of tokens, their embeddings or one-hot. */
  #inputs(): string {
    const { config, input, reads } = this.model;
    if (reads === "vectors") return "input";
    const { embeddingSize } = config;
    if (embeddingSize > 0)
      return this.#node("Gather", [
        this.#floats("embedding.weight", [input.size, embeddingSize], this.model.tensor("embedding.weight")),
        "input",
      ]);
    const depth = this.#integers("tokens", [input.size]);
    return this.#node("OneHot", ["input", depth, this.#floats("off-on", [2], Float32Array.of(0, 1))], { axis: -1 });
  }

  /** @returns the names of Y, Y_h and Y_c */
  #lstm(layer: number, input: string, states: readonly string[]): readonly [string, string, string] {
    const { hiddenSize: H, bidirectional } = this.model.config;
    const suffixes = bidirectional ? [`l${layer}`, `l${layer}_reverse`] : [`l${layer}`];
    const D = suffixes.length;
    const stack = (name: string) =>
      suffixes.map((suffix) =>
        reorderGates(this.model.tensor(`lstm.${name}_${suffix}`), GATE_ORDERS.pytorch, GATE_ORDERS.onnx),
      );
    const [w, r] = [stack("weight_ih"), stack("weight_hh")];
    // The second bias is zero.
    const b = stack("bias_ih").flatMap((bias) => [bias, new Float32Array(bias.length)]);
    const inputs = [
      input,
      this.#floats(`lstm.W${layer}`, [D, 4 * H, w[0]!.length / (4 * H)], concatenated(w)),
      this.#floats(`lstm.R${layer}`, [D, 4 * H, H], concatenated(r)),
      this.#floats(`lstm.B${layer}`, [D, 8 * H], concatenated(b)),
      ...(states.length > 0 ? ["", ...states] : []),
    ];
    const outputs = [`lstm.${layer}.Y`, `lstm.${layer}.h`, `lstm.${layer}.c`] as const;
    this.#node("LSTM", inputs, { hidden_size: H, direction: bidirectional ? "bidirectional" : "forward" }, outputs);
    return outputs;
  }

  #linear(features: string): void {
    const { config, output } = this.model;
    if (config.head === "none") {
      this.#node("Identity", [features], {}, ["output"]);
      return;
    }
    const weight = this.model.tensor("linear.weight");
    const width = weight.length / output.size;
    const matrix = this.#floats("linear.weight", [width, output.size], transpose(weight, output.size, width));
    const product = this.#node("MatMul", [features, matrix]);
    const bias = this.#floats("linear.bias", [output.size], this.model.tensor("linear.bias"));
    this.#node("Add", [product, bias], {}, ["output"]);
  }

  /** Transposes, and joins the last two axes. */
  #join(input: string, perm: readonly number[], shape: readonly number[]): string {
    const transposed = this.#node("Transpose", [input], { perm });
    return this.#node("Reshape", [transposed, this.#integers(`${transposed}.shape`, shape)]);
  }

  /** A state of all layers as one of each. */
  #split(state: string, layers: number): readonly string[] {
    if (layers === 1) return [state];
    const outputs = Array.from({ length: layers }, (_, layer) => `${state}.${layer}`);
    this.#node("Split", [state], { axis: 0 }, outputs);
    return outputs;
  }

  #node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number | string | readonly number[]>> = {},
    outputs: readonly string[] = [`${type}.${this.#nodes.length}`],
  ): string {
    this.#nodes.push({
      inputs,
      outputs,
      name: [type === "LSTM" ? outputs[0]!.replace(/\.Y$/, "") : outputs[0]!],
      type: [type],
      attributes: Object.entries(attributes).map(([name, value]) => ({
        name: [name],
        ...(typeof value === "number"
          ? { int: [value], type: [ATTRIBUTE_TYPES.int] }
          : typeof value === "string"
            ? { string: [value], type: [ATTRIBUTE_TYPES.string] }
            : { ints: value, type: [ATTRIBUTE_TYPES.ints] }),
      })),
    });
    return outputs[0]!;
  }

  #floats(name: string, dims: readonly number[], values: Float32Array): string {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#tensors.push({ name: [name], dims, dataType: [FLOAT], raw: [raw] });
    return name;
  }

  #integers(name: string, values: readonly number[]): string {
    const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.#tensors.push({ name: [name], dims: [values.length], dataType: [INT64], raw: [raw] });
    return name;
  }
}

const value = (name: string, elementType: number, dims: readonly Dim[]): ValueMessage => ({
  name: [name],
  type: [
    {
      tensor: [
        {
          elementType: [elementType],
          shape: [{ dims: dims.map((dim) => (typeof dim === "number" ? { value: [dim] } : { name: [dim] })) }],
        },
      ],
    },
  ],
});

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
