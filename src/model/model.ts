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
import type { NetworkShape } from "../network/shape.js";
import { readTensor, sizeOf, type Tensor, writeTensor } from "../network/tensors.js";
import { CREATE_OPTIONS, type ModelConfig, type ModelOptions, settleModel } from "./options.js";

/** What a model reads. */
export type InputKind = "tokens" | "vectors";

/** The options of a model that reads tokens. */
export interface TokenModelOptions extends ModelOptions {
  /** What it reads: {@link characters} or {@link words} of a text, or a tokenizer of one's own. */
  vocabulary: Vocabulary;
  inputSize?: 0 | undefined;
}

/** The options of a model that reads vectors. */
export interface VectorModelOptions extends ModelOptions {
  /** Width of the vectors. */
  inputSize: number;
  vocabulary?: undefined;
}

/**
 * Makes a model with freshly initialised parameters, on a memory of its own: one that reads tokens, with a vocabulary, or
 * one that reads vectors, with an inputSize.
 *
 * @throws OptionError for a value that is not allowed, or an option that does not exist
 * @throws BackendError where the backend that was asked for does not run here
 * @throws OutOfMemoryError where the parameters do not fit
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
    throw new OptionError("vocabulary", "a vocabulary, or an inputSize above 0 in its place", vocabulary);
  return new Model(vocabulary, config, await createKernels(backend));
}

/** @throws OptionError unless it is a vocabulary */
export function checkVocabulary(option: string, value: unknown): Vocabulary {
  const vocabulary = Object(value) as Vocabulary;
  const methods = ["encode", "decode", "decodeToken", "filterKnown", "toJSON"] as const;
  const missing = methods.find((method) => typeof vocabulary[method] !== "function");
  if (missing === undefined && Number.isSafeInteger(vocabulary.size) && vocabulary.size > 0) return vocabulary;
  const lack = missing === "encode" ? "" : `, with a ${missing ? `method ${missing}` : "size above 0"}`;
  throw new OptionError(option, `what characters() or words() make of a text${lack}`, value);
}

/** @throws InputError unless it is a model */
export function checkModel(value: unknown): void {
  if (value instanceof Model) return;
  const isPromise = typeof (value as PromiseLike<unknown> | null)?.then === "function";
  throw new InputError(
    `expected a model, got ${isPromise ? "a Promise: await createModel() or load() first" : show(value)}`,
  );
}

/** The sizes of a model's network. */
export function shapeOf(config: ModelConfig, vocabularySize: number): Required<NetworkShape> {
  const { hiddenSize, layers, embeddingSize, inputSize, outputSize } = config;
  return { vocabularySize, hiddenSize, layers, embeddingSize, inputSize, outputSize: outputSize || vocabularySize };
}

/** A parameter tensor of a {@link Model}, as PyTorch has it. */
export interface ParameterTensor {
  /** Such as `lstm.weight_ih_l0`. */
  readonly name: string;
  /** Such as [4 · hiddenSize, inputSize]; a bias has one dimension. */
  readonly shape: readonly number[];
}

/** The parameters of a network, and the vocabulary of what it reads. Made by {@link createModel}. */
// biome-ignore lint/suspicious/noExplicitAny: a model whose kind is not known, as load gives it, goes wherever either does.
export class Model<Reads extends InputKind = any> {
  /** Texts of one's own that are kept with the model, by name. */
  readonly metadata = new Map<string, string>();
  /** The kernels in use. */
  readonly backend: Backend;
  /** Which it reads. */
  readonly reads: Reads;
  /** What comes in: tokens of the vocabulary, or vectors. */
  readonly input: FeatureSpec;
  /** What comes out for each scored step: scores of tokens or classes, or values. */
  readonly output: FeatureSpec;
  /**
   * Where all randomness of training comes from.
   *
   * @internal
   */
  readonly random: Random;
  private live: Engine | undefined;

  /**
   * @param parameters in the engine's layout, in place of freshly drawn ones
   * @internal
   */
  constructor(
    private readonly words: Vocabulary | undefined,
    /** What the model was made with. */
    readonly config: ModelConfig,
    instance: KernelInstance,
    parameters?: Float32Array,
  ) {
    const shape = shapeOf(config, words?.size ?? 0);
    const engine = new Engine(instance, shape, { name: config.loss, delta: config.huberDelta });
    this.reads = (words ? "tokens" : "vectors") as Reads;
    this.input = words ? { kind: "categorical", size: words.size } : { kind: "continuous", size: config.inputSize };
    this.output = { kind: config.loss === "cross-entropy" ? "categorical" : "continuous", size: shape.outputSize };
    this.backend = instance.backend;
    this.live = engine;
    this.random = new Random(config.seed);
    if (parameters) engine.floats.set(parameters, engine.parameters / 4);
    else this.initialize();
  }

  private initialize(): void {
    for (const tensor of this.engine.table.tensors)
      this.setTensor(tensor.name, initialValues(tensor, this.config, this.random));
  }

  /** Whether what comes out is a score for each token of the vocabulary, as the next one. */
  get isLanguageModel(): boolean {
    const { input, output, config } = this;
    const isScores = input.kind === "categorical" && output.kind === "categorical" && output.size === input.size;
    return isScores && config.classes.length === 0;
  }

  /**
   * The tokens that the model reads.
   *
   * @throws InputError for a model that reads vectors
   */
  get vocabulary(): "tokens" extends Reads ? Vocabulary : never {
    if (!this.words) throw new InputError("this model reads vectors of numbers, not text");
    return this.words as never;
  }

  /** How many numbers are trained. */
  get parameterCount(): number {
    return this.engine.table.count;
  }

  /** Bytes of memory that the model holds now. */
  get memoryBytes(): number {
    return this.live?.memoryBytes ?? 0;
  }

  /** The parameter tensors' names and shapes, PyTorch's. The one bias of a layer has the name of PyTorch's bias_ih. */
  get tensors(): readonly ParameterTensor[] {
    return this.engine.table.tensors;
  }

  /**
   * A copy of a parameter tensor, in PyTorch's shape and order.
   *
   * @throws InputError where the model has no such tensor
   */
  tensor(name: string): Float32Array {
    return this.read(name, this.engine.parameters);
  }

  /**
   * Replaces a parameter tensor by values in PyTorch's shape and order.
   *
   * @throws InputError where the model has no such tensor, or it has another number of elements, or one of them is not a
   *   finite number
   */
  setTensor(name: string, values: ArrayLike<number>): void {
    const { floats, parameters } = this.engine;
    const tensor = this.find(name);
    const size = sizeOf(tensor.shape);
    if (values?.length !== size)
      throw new InputError(`${name}: expected ${size} numbers, [${tensor.shape.join(", ")}], got ${values?.length}`);
    check(values, { kind: "continuous", size }, name);
    writeTensor(tensor, values, floats, parameters / 4);
  }

  /** Gives the memory back and ends the threads. The model cannot be used after this; freeing it twice does nothing. */
  free(): void {
    this.live?.free();
    this.live = undefined;
  }

  /**
   * What computes.
   *
   * @internal
   */
  get engine(): Engine {
    if (!this.live) throw new LstmError(FREED);
    return this.live;
  }

  /**
   * A tensor out of any run of floats in the parameters' layout: gradients, moments.
   *
   * @internal
   */
  read(name: string, run: number): Float32Array {
    return readTensor(this.find(name), this.engine.floats, run / 4);
  }

  /** One line in place of all that is in it: what console.log of Node, Deno and Bun shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { reads, config, input, output } = this;
    const size = this.live ? `${this.parameterCount} parameters, ${this.backend}` : "freed";
    return `Model { ${reads} of ${input.size} → ${config.layers} × ${config.hiddenSize} → ${output.size}, ${size} }`;
  }

  private find(name: string): Tensor {
    const { tensors } = this.engine.table;
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (!tensor) throw new InputError(`no tensor ${name}; there are ${tensors.map((known) => known.name).join(", ")}`);
    return tensor;
  }
}
