import { showInConsole } from "#platform";
import { FREED, InputError, LstmError, OptionError } from "../common/errors.js";
import { pick, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import { show } from "../common/show.js";
import { check, type FeatureSpec } from "../data/examples.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { Engine } from "../engine/engine.js";
import type { Backend, KernelInstance } from "../kernels/kernels.js";
import { createKernels } from "../kernels/select.js";
import { initialValues } from "../network/initialize.js";
import type { Int8Parameters } from "../network/int8.js";
import type { NetworkShape } from "../network/shape.js";
import { readTensor, sizeOf, type Tensor } from "../network/tensors.js";
import { CREATE_OPTIONS, type ModelConfig, type ModelOptions, settleModel } from "./options.js";

/** What a model reads as input. */
export type InputKind = "tokens" | "vectors";

/** The options of a model that reads tokens. */
export interface TokenModelOptions extends ModelOptions {
  /** The tokens: {@link characters} or `words` (lstm-wasm/words) of a text, or a custom vocabulary. */
  vocabulary: Vocabulary;
  inputSize?: 0 | undefined;
}

/** The options of a model that reads vectors. */
export interface VectorModelOptions extends ModelOptions {
  /** Width of the vectors. */
  inputSize: number;
  /** None: the model reads no tokens. */
  vocabulary?: undefined;
}

/**
 * Creates a model with newly initialized parameters, in its own memory. With a vocabulary it reads tokens; with an
 * inputSize it reads vectors.
 *
 * @throws OptionError for an invalid option value or an unknown option
 * @throws BackendError if the requested backend is not available here
 * @throws OutOfMemoryError if the parameters do not fit into memory
 */
export async function createModel(options: TokenModelOptions): Promise<Model<"tokens">>;
export async function createModel(options: VectorModelOptions): Promise<Model<"vectors">>;
/** @internal */
export async function createModel(options: ModelOptions & { vocabulary?: Vocabulary | undefined }): Promise<Model>;
export async function createModel(options: ModelOptions & { vocabulary?: Vocabulary | undefined }): Promise<Model> {
  if (typeof options !== "object" || options === null)
    throw new OptionError("options", "an object with a vocabulary or an inputSize", options);
  const { vocabulary, ...others } = options;
  const config = settleModel(others);
  const { backend } = settle(CREATE_OPTIONS, pick(CREATE_OPTIONS, others));
  if (vocabulary !== undefined) checkVocabulary("vocabulary", vocabulary);
  if ((vocabulary === undefined) !== config.inputSize > 0)
    throw new OptionError("vocabulary", "a vocabulary, or an inputSize above 0 instead", vocabulary);
  return initialize(new Model(vocabulary, config, await createKernels(backend)));
}

/**
 * Gives a new model its initial parameters. Not a part of the constructor, so that programs that only load models do not
 * have it.
 *
 * @internal
 */
export function initialize(model: Model): Model {
  for (const tensor of model.engine.table.tensors)
    model.setTensor(tensor.name, initialValues(tensor, model.config, model.random));
  return model;
}

/** @throws OptionError unless it is a vocabulary */
export function checkVocabulary(option: string, value: unknown): Vocabulary {
  const vocabulary = Object(value) as Vocabulary;
  const methods = ["encode", "decode", "decodeToken", "filterKnown", "toJSON"] as const;
  const missing = methods.find((method) => typeof vocabulary[method] !== "function");
  if (missing === undefined && vocabulary.size > 0 && vocabulary.tokens?.length === vocabulary.size) return vocabulary;
  const lack = missing === "encode" ? "" : `, with a ${missing ? `method ${missing}` : "size and as many tokens"}`;
  throw new OptionError(option, `a vocabulary, such as characters(text) or words(text)${lack}`, value);
}

/** @throws InputError unless it is a model */
export function checkModel(value: unknown): void {
  if (value instanceof Model) return;
  const isPromise = typeof (value as PromiseLike<unknown> | null)?.then === "function";
  const given = isPromise ? "a Promise: await createModel() or load() first" : show(value);
  // A forecaster, for one.
  const hasModel = (value as { model?: unknown } | null | undefined)?.model instanceof Model;
  throw new InputError(`expected a model, got ${given}${hasModel ? " that has one: pass its `model`" : ""}`);
}

/** The sizes of a model's network. */
export function shapeOf(config: ModelConfig, vocabularySize: number): Required<NetworkShape> {
  const { hiddenSize, layers, embeddingSize, inputSize, outputSize, bidirectional, head } = config;
  return {
    vocabularySize,
    hiddenSize,
    layers,
    embeddingSize,
    inputSize,
    outputSize: outputSize || vocabularySize,
    bidirectional,
    head,
  };
}

/** A parameter tensor of a {@link Model}, in PyTorch's terms. */
export interface ParameterTensor {
  /** Such as `lstm.weight_ih_l0`. */
  readonly name: string;
  /** Such as [4 · hiddenSize, inputSize]; a bias has one dimension. */
  readonly shape: readonly number[];
}

/** A network's parameters and vocabulary. Created by {@link createModel}. */
// biome-ignore lint/suspicious/noExplicitAny: a model of unknown kind, such as from load(), is accepted everywhere.
export class Model<Reads extends InputKind = any> {
  /** Your own strings, saved with the model, by name. */
  readonly metadata = new Map<string, string>();
  /**
   * The library's own strings, such as a forecaster's transform or the source of a run's data. Their keys cannot
   * collide with the user's.
   *
   * @internal
   */
  readonly attributes = new Map<string, string>();
  /** The kernels in use. */
  readonly backend: Backend;
  /** The kind of inputs. */
  readonly reads: Reads;
  /** The inputs: tokens of the vocabulary, or vectors. */
  readonly input: FeatureSpec;
  /** The outputs: logits of tokens or classes, or values. */
  readonly output: FeatureSpec;
  /**
   * The source of all randomness in training.
   *
   * @internal
   */
  readonly random: Random;
  private live: Engine | undefined;
  /**
   * How the parameters are kept, if the weights are int8.
   *
   * @internal
   */
  readonly int8: Int8Parameters | undefined;

  /**
   * The parameters are zero.
   *
   * @param int8 for kernels of int8 weights
   * @internal
   */
  constructor(
    private readonly words: Vocabulary | undefined,
    /** The model's options, with defaults filled in. */
    readonly config: ModelConfig,
    instance: KernelInstance,
    int8?: Int8Parameters,
  ) {
    const shape = shapeOf(config, words?.size ?? 0);
    const { loss: name, huberDelta: delta, quantiles } = config;
    const engine = new Engine(instance, shape, { name, delta, quantiles }, int8?.table);
    this.int8 = int8;
    this.reads = (words ? "tokens" : "vectors") as Reads;
    this.input = words ? { kind: "categorical", size: words.size } : { kind: "continuous", size: config.inputSize };
    this.output = { kind: config.loss === "cross-entropy" ? "categorical" : "continuous", size: shape.outputSize };
    this.backend = instance.backend;
    this.live = engine;
    this.random = new Random(config.seed);
  }

  /** Whether the model predicts the next token of its vocabulary. */
  get isLanguageModel(): boolean {
    const { input, output, config } = this;
    const isNextToken = input.kind === "categorical" && output.kind === "categorical" && output.size === input.size;
    const seesNextToken = config.bidirectional && config.window === 0;
    return isNextToken && config.classes.length === 0 && !seesNextToken;
  }

  /**
   * The vocabulary of the model's inputs.
   *
   * @throws InputError for a model that reads vectors
   */
  get vocabulary(): "tokens" extends Reads ? Vocabulary : never {
    if (!this.words) throw new InputError("this model reads vectors of numbers, not text");
    return this.words as never;
  }

  /**
   * The type of the weights: `int8` in a file of `lstm-wasm/convert` with `dtype: "int8"`. Such a model generates and
   * predicts, with the same bits on every backend, but cannot be trained.
   */
  get dtype(): "float32" | "int8" {
    return this.int8 ? "int8" : "float32";
  }

  /** The number of trained parameters. */
  get parameterCount(): number {
    return this.engine.table.count;
  }

  /** Bytes of memory currently in use. */
  get memoryBytes(): number {
    return this.live?.memoryBytes ?? 0;
  }

  /** PyTorch's names and shapes of the parameter tensors. A layer's single bias is named like PyTorch's bias_ih. */
  get tensors(): readonly ParameterTensor[] {
    return this.engine.table.tensors;
  }

  /**
   * A copy of a parameter tensor, in PyTorch's shape and order; int8 weights times their scales.
   *
   * @throws InputError if the model has no such tensor
   */
  tensor(name: string): Float32Array {
    return this.read(name, this.engine.parameters);
  }

  /**
   * Replaces a parameter tensor with values in PyTorch's shape and order.
   *
   * @throws InputError if the model has no such tensor, the number of values is wrong, one is not a finite number, or the
   *   weights are int8
   */
  setTensor(name: string, values: ArrayLike<number>): void {
    if (this.int8) throw new InputError("int8 weights are fixed: set those of the float32 model");
    const tensor = this.find(name);
    const size = sizeOf(tensor.shape);
    if (values?.length !== size)
      throw new InputError(`${name}: expected ${size} numbers, [${tensor.shape.join(", ")}], got ${values?.length}`);
    check(values, { kind: "continuous", size }, name);
    this.engine.writeParameter(tensor, values);
  }

  /**
   * Frees the memory and ends the threads; in a page, those wait ten seconds for another model. The model cannot be used
   * afterwards; freeing it twice has no effect.
   */
  free(): void {
    this.live?.free();
    this.live = undefined;
  }

  /**
   * The engine that computes.
   *
   * @internal
   */
  get engine(): Engine {
    if (!this.live) throw new LstmError(FREED);
    return this.live;
  }

  /**
   * Reads a tensor from a flat buffer in the layout of the parameters, such as gradients or moments.
   *
   * @internal
   */
  read(name: string, run: number): Float32Array {
    const { floats } = this.engine;
    const tensor = this.find(name);
    return this.int8?.readScaled(tensor, floats.buffer, run) ?? readTensor(tensor, floats, run / 4);
  }

  private find(name: string): Tensor {
    const { tensors } = this.engine.table;
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (!tensor)
      throw new InputError(`no tensor ${show(name)}; the tensors are ${tensors.map((known) => known.name).join(", ")}`);
    return tensor;
  }
}

/** One line for console.log in Node, Deno and Bun, in place of the whole memory. */
function lineOf(model: Model): string {
  const { reads, config, input, output, memoryBytes, backend, dtype } = model;
  const isFreed = memoryBytes === 0;
  const size = isFreed ? "freed" : `${model.parameterCount} parameters, ${dtype === "int8" ? "int8, " : ""}${backend}`;
  return `Model { ${reads} of ${input.size} → ${config.layers} × ${config.hiddenSize} → ${output.size}, ${size} }`;
}

showInConsole(Model, lineOf);
