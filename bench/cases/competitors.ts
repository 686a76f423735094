import { CASES, type Case } from "./cases.js";

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
}

export type CompetitorName = "pytorch" | "numpy" | "tfjs-wasm" | "tfjs-cpu" | "brain.js" | "jax-js";

const ALL = CASES.map(({ name }) => name);
const SMALL = ["hamlet", "next-word", "char-rnn", "generate-128x2"];

export const COMPETITORS: readonly Competitor[] = [
  { name: "pytorch", title: "PyTorch", language: "python", args: ["pytorch.py"], cases: ALL },
  { name: "numpy", title: "NumPy", language: "python", args: ["numpy_lstm.py"], cases: ["hamlet"] },
  {
    name: "tfjs-wasm",
    title: "TensorFlow.js wasm",
    language: "node",
    args: ["tensorflow.mjs", "wasm"],
    cases: SMALL,
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

export const competitorsOn = (spec: Case): Competitor[] => COMPETITORS.filter(({ cases }) => cases.includes(spec.name));
