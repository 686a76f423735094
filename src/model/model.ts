import { FREED, InputError, LstmError, OptionError } from "../common/errors.js";
import { pick, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import type { FeatureSpec } from "../data/examples.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { Engine } from "../engine/engine.js";
import type { Backend, KernelInstance } from "../kernels/kernels.js";
import { createKernels } from "../kernels/select.js";
import { initialValues } from "../network/initialize.js";
import type { NetworkShape } from "../network/shape.js";
import { readTensor, sizeOf, type Tensor, writeTensor } from "../network/tensors.js";
import { CREATE_OPTIONS, type ModelConfig, type ModelOptions, settleModel } from "./options.js";

/**
 * Makes a model with freshly initialised parameters, on a memory of its own: one that reads tokens, with a vocabulary, or
 * one that reads vectors, with an inputSize.
 *
 * @throws OptionError for a value that is not allowed, or an option that does not exist
 * @throws BackendError where the backend that was asked for does not run here
 * @throws OutOfMemoryError where the parameters do not fit
 */
export async function createModel(options: ModelOptions & { vocabulary?: Vocabulary }): Promise<Model> {
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
  if (typeof (value as Vocabulary)?.encode === "function") return value as Vocabulary;
  throw new OptionError(option, "what characters() or words() make of a text", value);
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
export class Model {
  /** The user's own texts, which are saved with the model, by name. */
  readonly metadata = new Map<string, string>();
  /**
   * The library's own texts: how a forecaster reads its series, where a run's data come from. No name of the user's can
   * collide with them.
   *
   * @internal
   */
  readonly attributes = new Map<string, string>();
  /** The kernels in use. */
  readonly backend: Backend;
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
  get vocabulary(): Vocabulary {
    if (!this.words) throw new InputError("this model reads vectors of numbers, not text");
    return this.words;
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
   * @throws InputError where the model has no such tensor, or it has another number of elements
   */
  setTensor(name: string, values: ArrayLike<number>): void {
    const { floats, parameters } = this.engine;
    const tensor = this.find(name);
    const size = sizeOf(tensor.shape);
    if (values.length !== size)
      throw new InputError(`${name}: expected ${size} numbers, [${tensor.shape.join(", ")}], got ${values.length}`);
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

  private find(name: string): Tensor {
    const { tensors } = this.engine.table;
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (!tensor) throw new InputError(`no tensor ${name}; there are ${tensors.map((known) => known.name).join(", ")}`);
    return tensor;
  }
}
