import { readFile } from "node:fs/promises";
import { Bench } from "tinybench";
import { resolveTraining } from "#lstm/config.js";
import { CharacterVocabulary } from "#lstm/data/vocabulary.js";
import { generate } from "#lstm/generate.js";
import type { Backend } from "#lstm/kernels/kernels.js";
import { createModel, type Model } from "#lstm/model.js";
import { Trainer } from "#lstm/trainer.js";
import { batchesOf, type Case, flopsPerToken } from "./cases.js";

export interface Result {
  readonly case: string;
  readonly backend: Backend;
  readonly threads: number;
  readonly tokensPerSecond: number;
  readonly gigaflops: number;
}

/** Tokens that one sample of a generation case writes. */
const GENERATED = 200;

/** The median throughput of a case, for each backend. */
export async function measure(spec: Case, backends: readonly Backend[]): Promise<Result[]> {
  const bench = new Bench({ time: 1000, iterations: 5, warmupTime: 300, warmupIterations: 3 });
  const models: Model[] = [];
  const trainers: Trainer[] = [];
  for (const backend of backends) {
    const model = await modelFor(spec, backend);
    models.push(model);
    if (spec.training) {
      const trainer = trainerFor(spec, model);
      trainers.push(trainer);
      bench.add(backend, () => trainer.advance());
    } else {
      const prompt = model.vocabulary.tokens[0]!;
      bench.add(backend, async () => {
        for await (const _ of generate(model, { prompt, length: GENERATED }));
      });
    }
  }
  await bench.run();
  for (const trainer of trainers) trainer.free();
  for (const model of models) model.free();
  const tokens = spec.training ? spec.batchSize * spec.training.sequenceLength : GENERATED;
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== "completed") throw new Error(`${spec.name} with ${name} did not complete`, { cause: result });
    const tokensPerSecond = (1000 * tokens) / result.latency.p50;
    const gigaflops = (tokensPerSecond * flopsPerToken(spec)) / 1e9;
    return { case: spec.name, backend: name as Backend, threads: 1, tokensPerSecond, gigaflops };
  });
}

/** The same model for every backend: the parameters depend on the seed alone. */
export function modelFor({ vocabularySize, hiddenSize, layers }: Case, backend: Backend): Promise<Model> {
  const tokens = Array.from({ length: vocabularySize }, (_, i) => String.fromCodePoint(0x4e00 + i));
  return createModel({ vocabulary: new CharacterVocabulary(tokens), hiddenSize, layers, backend });
}

/** Whole training steps on a case's random tokens. */
export function trainerFor(spec: Case, model: Model): Trainer {
  const { optimizer, sequenceLength } = spec.training!;
  const config = resolveTraining({ optimizer, sequenceLength, batchSize: spec.batchSize, clipNorm: 5 });
  return new Trainer(model, batchesOf(spec), config, spec.name);
}

/** What multiply-adds between registers reach in a build of the kernels: the ceiling, in GFLOP/s. */
export async function peakGigaflops(backend: Exclude<Backend, "javascript">): Promise<number> {
  const bytes = await readFile(new URL(`../ceiling-${backend}.wasm`, import.meta.url));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const exports = instance.exports as {
    ceiling(rounds: number, factor: number, summand: number): number;
    FLOPS_PER_ROUND: WebAssembly.Global<"i32">;
  };
  const rounds = 10_000;
  const bench = new Bench({ time: 300, warmupTime: 100 });
  bench.add("ceiling", () => {
    exports.ceiling(rounds, 0.999, 0.001);
  });
  await bench.run();
  const { result } = bench.tasks[0]!;
  if (result.state !== "completed") throw new Error("the ceiling kernel did not complete", { cause: result });
  return (exports.FLOPS_PER_ROUND.value * rounds) / result.latency.p50 / 1e6;
}
