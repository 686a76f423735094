import type { TimingOptions } from "../measure/measure.js";
import { BenchProcess, type Program } from "./bench-process.js";

/** Anything that can run a case: one of our backends, or a competitor. */
export interface Implementation<Name extends string> {
  readonly name: Name;
  readonly program: Program;
}

/** Milliseconds of sampling after which a slow implementation skips the remaining rounds. */
const ENOUGH = 60_000;

/** Tokens per second by round, for each implementation that did not fail. */
export type Rates<Name extends string> = Map<Name, number[]>;

/**
 * Runs one case in interleaved rounds. Each implementation has a process of its own, which stays up between its samples.
 *
 * @param spec the case
 * @param observer hears which implementation is being prepared, and which failed and why
 */
export async function runInterleaved<Name extends string>(
  spec: object,
  implementations: readonly Implementation<Name>[],
  { rounds, time }: TimingOptions,
  observer: { onPrepare(name: Name): void; onFailure(name: Name, reason: string): void },
): Promise<Rates<Name>> {
  const running = new Map<Name, BenchProcess>();
  const rates: Rates<Name> = new Map();
  const spent = new Map<Name, number>();
  async function attempt(name: Name, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      observer.onFailure(name, (error as Error).message);
      await running.get(name)?.stop();
      running.delete(name);
      rates.delete(name);
    }
  }
  try {
    for (const { name, program } of implementations) {
      observer.onPrepare(name);
      await attempt(name, async () => {
        running.set(name, await BenchProcess.prepare(program, spec, time));
        rates.set(name, []);
      });
    }
    for (let round = 0; round < rounds; round++)
      for (const [name, benchProcess] of running)
        await attempt(name, async () => {
          if ((spent.get(name) ?? 0) >= ENOUGH) return;
          const start = performance.now();
          rates.get(name)!.push(await benchProcess.sample());
          spent.set(name, (spent.get(name) ?? 0) + performance.now() - start);
        });
  } finally {
    for (const benchProcess of running.values()) await benchProcess.stop();
  }
  return rates;
}
