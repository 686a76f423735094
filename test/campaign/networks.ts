import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { availableBackends, characters, createModel, type Example, type Model, predict, train } from "#lstm/index.js";
import {
  backward,
  crossEntropy,
  embed,
  embedBackward,
  forward,
  oneHot,
  squaredError,
  type Tensors,
} from "../reference.js";
import { Draw, describeError, type Outcome, type Scope } from "./part.js";

// Random networks beside float64: what they give, and the gradients of one step.

/** Largest difference, as a share of the largest number of a tensor that is not small. */
const OUTPUT_TOLERANCE = 5e-6;
const GRADIENT_TOLERANCE = 2e-5;
/** A tensor whose numbers are all smaller is taken to have this one: parameters are rounded to about 1e-7. */
const SMALLEST_OUTPUT = 1;
const SMALLEST_GRADIENT = 0.01;

/** A network and a batch, also the input for PyTorch: [T, B] tokens, or [T, B, I] vectors. */
export interface Case {
  readonly T: number;
  readonly B: number;
  /** 0 for tokens. */
  readonly I: number;
  readonly H: number;
  readonly V: number;
  readonly E: number;
  readonly layers: number;
  readonly loss: "cross-entropy" | "mse" | "huber";
  readonly delta: number;
  readonly returnSequences: boolean;
  readonly inputs: number[];
  /** [steps, B] tokens, or [steps, B, V] values, of the last step or of all. */
  readonly targets: number[];
  readonly parameters: Record<string, { readonly shape: readonly number[]; readonly data: number[] }>;
}

/** What comes out: [steps, B, V], before a softmax; and the gradient of the summed loss by each parameter. */
interface Results {
  readonly outputs: ArrayLike<number>;
  readonly gradients: Record<string, ArrayLike<number>>;
}

export async function networks({ seed, count, isOver }: Scope): Promise<Outcome> {
  const failures: string[] = [];
  const cases: { readonly subject: Case; readonly ours: Results; readonly name: string }[] = [];
  for (let i = 0; i < count && !isOver(); i++) {
    const draw = new Draw(seed, i);
    const subject = randomCase(draw);
    const backend = draw.pick(availableBackends());
    const { T, B, I, H, V, E, layers, loss } = subject;
    const name = `network ${i}, ${backend} ${JSON.stringify({ T, B, I, H, V, E, layers, loss })}`;
    try {
      const ours = await compute(subject, draw, backend);
      cases.push({ subject, ours, name });
      failures.push(...differences(name, "the reference", ours, reference(subject), subject));
    } catch (error) {
      failures.push(`${name}: ${describeError(error)}`);
    }
  }
  const python = process.env["PYTHON"];
  if (!python) {
    const skipped = "SKIPPED PyTorch: PYTHON names no Python that has it";
    return { tried: `${cases.length} networks beside the float64 reference`, failures, skipped };
  }
  const theirs = pytorch(
    python,
    cases.map(({ subject }) => subject),
  );
  if (typeof theirs === "string")
    return {
      tried: `${cases.length} networks beside the float64 reference`,
      failures,
      skipped: `SKIPPED PyTorch: ${theirs}`,
    };
  for (const [i, { subject, ours, name }] of cases.entries())
    failures.push(...differences(name, "PyTorch", ours, theirs[i]!, subject));
  return { tried: `${cases.length} networks beside the float64 reference and PyTorch`, failures };
}

function randomCase(draw: Draw): Case {
  const isTokens = draw.chance(0.5);
  const [T, B] = [draw.pick([1, 2, 7, 30, 90]), draw.pick([1, 2, 3, 5, 8])];
  const [H, layers] = [draw.integer(1, 40), draw.integer(1, 3)];
  const I = isTokens ? 0 : draw.integer(1, 12);
  const E = isTokens ? draw.pick([0, 0, 3, 8]) : 0;
  const loss = isTokens ? "cross-entropy" : draw.pick(["cross-entropy", "mse", "huber"] as const);
  const vocabulary = draw.integer(2, 30);
  const V = isTokens ? vocabulary : draw.integer(1, 9);
  const returnSequences = draw.chance(0.6);
  const steps = returnSequences ? T : 1;
  const data = (shape: number[], deviation: number) => ({
    shape,
    data: Array.from(
      draw.normals(
        shape.reduce((a, b) => a * b),
        deviation,
      ),
    ),
  });
  const parameters: Record<string, { shape: number[]; data: number[] }> = {};
  if (E > 0) parameters["embedding.weight"] = data([V, E], 1);
  const scale = draw.pick([0.5, 1, 2]) / Math.sqrt(H);
  for (let l = 0; l < layers; l++) {
    const inputs = l > 0 ? H : E || I || V;
    parameters[`lstm.weight_ih_l${l}`] = data([4 * H, inputs], scale);
    parameters[`lstm.weight_hh_l${l}`] = data([4 * H, H], scale);
    parameters[`lstm.bias_ih_l${l}`] = data([4 * H], scale);
  }
  parameters["linear.weight"] = data([V, H], scale);
  parameters["linear.bias"] = data([V], scale);
  return {
    ...{ T, B, I, H, V, E, layers, loss, returnSequences, parameters },
    delta: loss === "huber" ? 0.5 : 0,
    inputs: isTokens ? draw.integers(T * B, V) : Array.from(draw.normals(T * B * I)),
    targets: loss === "cross-entropy" ? draw.integers(steps * B, V) : Array.from(draw.normals(steps * B * V)),
  };
}

/** The same numbers through the library: one step of gradient descent with a learning rate of 1 shows the gradient. */
async function compute(subject: Case, draw: Draw, backend: Model["backend"]): Promise<Results> {
  const { T, B, I, H, V, E, layers, loss, delta, returnSequences } = subject;
  const letters = String.fromCharCode(...Array.from({ length: V }, (_, i) => 0x100 + i));
  const make = () =>
    createModel({
      ...{ layers, hiddenSize: H, embeddingSize: E, returnSequences, loss, backend },
      ...(I > 0 ? { inputSize: I, outputSize: V } : { vocabulary: characters(letters) }),
      ...(loss === "huber" ? { huberDelta: delta } : {}),
    });
  const model = await make();
  for (const [name, { data }] of Object.entries(subject.parameters)) model.setTensor(name, data);
  const before = new Map(model.tensors.map(({ name }) => [name, model.tensor(name)]));
  const steps = returnSequences ? T : 1;
  const examples: Example[] = Array.from({ length: B }, (_, b) => ({
    inputs: sequence(subject.inputs, T, B, I || 1, b),
    targets: sequence(subject.targets, steps, B, loss === "cross-entropy" ? 1 : V, b),
  }));
  const outputs = new Float64Array(steps * B * V);
  for (const [b, { inputs }] of examples.entries()) {
    const result = predict(model, inputs);
    for (let t = 0; t < steps; t++) outputs.set(result.subarray(t * V, (t + 1) * V), (t * B + b) * V);
  }
  const options = { optimizer: "sgd", learningRate: 1, lossReduction: "sum", epochs: 1, batchSize: B } as const;
  const threads = { gradientShards: Math.min(draw.integer(1, 3), B), threads: 1 };
  for await (const _ of train(model, examples, { ...options, ...threads }));
  const gradients: Record<string, Float64Array> = {};
  for (const { name } of model.tensors) {
    const after = model.tensor(name);
    gradients[name] = Float64Array.from(before.get(name)!, (value, i) => value - after[i]!);
  }
  model.free();
  return { outputs, gradients };
}

/** Sequence b of [steps, B, width]. */
const sequence = (all: readonly number[], steps: number, B: number, width: number, b: number): number[] =>
  Array.from({ length: steps }, (_, t) => all.slice((t * B + b) * width, (t * B + b + 1) * width)).flat();

function reference(subject: Case): Results {
  const { T, B, I, H, V, E, layers, loss, delta, inputs, targets, returnSequences } = subject;
  const p: Tensors = {};
  for (const [name, { data }] of Object.entries(subject.parameters)) p[name] = Float64Array.from(data);
  const x = I > 0 ? Float64Array.from(inputs) : E > 0 ? embed(inputs, p["embedding.weight"]!, E) : oneHot(inputs, V);
  const sizes = { T, B, I: I || E || V, H, V, layers };
  const pass = forward(p, sizes, x, new Float64Array(layers * B * H), new Float64Array(layers * B * H));
  const scores = pass.scores.subarray(pass.scores.length - (returnSequences ? T : 1) * B * V);
  const { gradient } =
    loss === "cross-entropy" ? crossEntropy(scores, targets, V) : squaredError(scores, targets, V, delta);
  const dScores = new Float64Array(pass.scores.length);
  dScores.set(gradient, dScores.length - gradient.length);
  const d = backward(p, sizes, pass, dScores);
  if (E > 0) d.parameters["embedding.weight"] = embedBackward(d.x, inputs, V, E);
  return { outputs: scores, gradients: d.parameters };
}

function differences(name: string, beside: string, ours: Results, theirs: Results, { loss, V }: Case): string[] {
  const found: string[] = [];
  const compare = (what: string, a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, smallest: number) => {
    let largest = smallest;
    for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(b[i]!));
    let error = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
    // NaN is no agreement.
    for (let i = 0; i < b.length; i++) if (!(Math.abs(a[i]! - b[i]!) <= error)) error = Math.abs(a[i]! - b[i]!);
    if (!(error <= tolerance * largest)) found.push(`${name}: ${what} errs by ${error / largest} beside ${beside}`);
  };
  const outputs = loss === "cross-entropy" ? softmax(theirs.outputs, V) : theirs.outputs;
  compare("the output", ours.outputs, outputs, OUTPUT_TOLERANCE, SMALLEST_OUTPUT);
  for (const [tensor, gradient] of Object.entries(theirs.gradients))
    compare(`the gradient of ${tensor}`, ours.gradients[tensor]!, gradient, GRADIENT_TOLERANCE, SMALLEST_GRADIENT);
  return found;
}

function softmax(scores: ArrayLike<number>, V: number): Float64Array {
  const p = new Float64Array(scores.length);
  for (let row = 0; row < p.length; row += V) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let v = 0; v < V; v++) largest = Math.max(largest, scores[row + v]!);
    let sum = 0;
    for (let v = 0; v < V; v++) sum += Math.exp(scores[row + v]! - largest);
    for (let v = 0; v < V; v++) p[row + v] = Math.exp(scores[row + v]! - largest) / sum;
  }
  return p;
}

/** What PyTorch makes of the same in float64, or why there is nothing. */
function pytorch(python: string, cases: readonly Case[]): Results[] | string {
  // Compiled to build/campaign/campaign; the script stays where it is.
  const script = fileURLToPath(new URL("../../../test/campaign/pytorch.py", import.meta.url));
  const { status, stdout, stderr, error } = spawnSync(python, [script], {
    input: JSON.stringify(cases),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (error) return error.message;
  if (/No module named '(torch|numpy)'/.test(stderr)) return `${python} has no torch`;
  if (status !== 0) throw new Error(`${python} ended with ${status}: ${stderr.slice(-1000)}`);
  return JSON.parse(stdout) as Results[];
}
