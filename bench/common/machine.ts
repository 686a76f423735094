import { availableParallelism, cpus } from "node:os";
import { setFlagsFromString } from "node:v8";

/** Where and when something was measured. */
export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** YYYY-MM-DD. */
  readonly date: string;
}

export const machine = (): Machine => ({
  node: process.versions.node,
  cpu: cpus()[0]?.model.trim() ?? "unknown processor",
  cores: availableParallelism(),
  date: new Date().toISOString().slice(0, 10),
});

export const describeMachine = ({ node, cpu, cores, date }: Machine): string =>
  `${cpu}, ${cores} core${cores === 1 ? "" : "s"}, Node ${node}, ${date}`;

/** Node before 22 hides relaxed SIMD behind a flag that later versions reject. */
export function allowRelaxedSimd(): void {
  if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString("--experimental-wasm-relaxed-simd");
}
