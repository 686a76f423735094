import { CASES, type Case } from "../cases.js";

/** What a user would pick instead. */
export interface Rival {
  readonly name: RivalName;
  /** Its name for people. */
  readonly title: string;
  readonly language: "node" | "python";
  /** Flags of the language, and the script in bench/rivals with its arguments. */
  readonly args: readonly string[];
  /** The cases that it is measured on; the rest it cannot express, or takes too long for. */
  readonly cases: readonly string[];
}

export type RivalName = "pytorch" | "numpy" | "tfjs-wasm" | "tfjs-cpu" | "brain.js" | "jax-js";

const ALL = CASES.map(({ name }) => name);
const SMALL = ["hamlet", "next-word", "char-rnn", "generate-128x2"];

export const COMPETITORS: readonly Rival[] = [
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
    // In KiB. Its trace of 865 steps is deeper than Node's default stack, and fits into a system's usual 8 MiB.
    args: ["--stack-size=7600", "jax.mjs"],
    // `large` takes more than a minute to trace and 15 s for a step.
    cases: [...SMALL, "wide"],
  },
];

export const rivalsOf = (spec: Case, rivals: readonly Rival[]): Rival[] =>
  rivals.filter(({ cases }) => cases.includes(spec.name));
