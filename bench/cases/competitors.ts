import { CASES, type Case } from "./cases.js";
import { EXAMPLE_CASES } from "./lengths.js";

/** Another library, measured on the same cases. */
export interface Competitor {
  readonly name: CompetitorName;
  /** The name that people know. */
  readonly title: string;
  readonly language: "node" | "python";
  /** Flags of the interpreter, then the script in bench/competitors with its arguments. */
  readonly args: readonly string[];
  /** The cases that it can express and runs within minutes. */
  readonly cases: readonly string[];
  /** Whether it can use several threads. */
  readonly isThreaded?: boolean;
  /** Whether it runs our model, as an ONNX file. */
  readonly readsOnnx?: boolean;
}

export type CompetitorName =
  | "pytorch"
  | "pytorch-packed"
  | "pytorch-padded"
  | "numpy"
  | "onnxruntime"
  | "onnxruntime-web"
  | "tfjs-wasm"
  | "tfjs-cpu"
  | "brain.js"
  | "jax-js";

const ALL = CASES.map(({ name }) => name);
const EXAMPLES = EXAMPLE_CASES.map(({ name }) => name);
const SMALL = ["hamlet", "next-word", "char-rnn", "generate-128x2"];
const INFERENCE = CASES.filter(({ training }) => !training).map(({ name }) => name);

export const COMPETITORS: readonly Competitor[] = [
  { name: "pytorch", title: "PyTorch", language: "python", args: ["pytorch.py"], cases: ALL, isThreaded: true },
  ...(["packed", "padded"] as const).map((way) => ({
    name: `pytorch-${way}` as const,
    title: `PyTorch, ${way}`,
    language: "python" as const,
    args: ["pytorch_examples.py", way],
    cases: EXAMPLES,
    isThreaded: true,
  })),
  { name: "numpy", title: "NumPy", language: "python", args: ["numpy_lstm.py"], cases: ["hamlet"] },
  {
    name: "onnxruntime",
    title: "onnxruntime",
    language: "python",
    args: ["onnxruntime_lstm.py"],
    cases: INFERENCE,
    isThreaded: true,
    readsOnnx: true,
  },
  {
    name: "onnxruntime-web",
    title: "onnxruntime-web",
    language: "node",
    args: ["onnxruntime-web.mjs"],
    cases: INFERENCE,
    isThreaded: true,
    readsOnnx: true,
  },
  {
    name: "tfjs-wasm",
    title: "TensorFlow.js wasm",
    language: "node",
    args: ["tensorflow.mjs", "wasm"],
    cases: [...SMALL, "predict-128x2"],
  },
  { name: "tfjs-cpu", title: "TensorFlow.js cpu", language: "node", args: ["tensorflow.mjs", "cpu"], cases: SMALL },
  { name: "brain.js", title: "brain.js", language: "node", args: ["brain.mjs"], cases: ["hamlet"] },
  {
    name: "jax-js",
    title: "jax-js",
    language: "node",
    // KiB. Tracing 865 steps overflows Node's default stack, and fits the 8 MiB that most systems allow.
    args: ["--stack-size=7600", "jax.mjs"],
    // `large` takes over a minute to trace and 15 s per step.
    cases: [...SMALL, "wide"],
  },
];

/** Those that can run a case on so many threads. */
export const competitorsOn = (spec: Case, threads: number): Competitor[] =>
  COMPETITORS.filter(({ cases, isThreaded = false }) => cases.includes(spec.name) && (threads === 1 || isThreaded));
