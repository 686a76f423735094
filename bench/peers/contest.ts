import type { Effort } from "../measure.js";
import { Contestant, type Program } from "./contestant.js";

/** Somebody who takes part. */
export interface Entrant<Name extends string> {
  readonly name: Name;
  readonly program: Program;
}

/** Milliseconds of turns after which somebody slow is let off the remaining rounds. */
const ENOUGH = 60_000;

/** Tokens per second by round, of everybody who was there to the end. */
export type Rates<Name extends string> = Map<Name, number[]>;

/**
 * Lets everybody run the same case in turns, each in a process of its own that stays up between its turns.
 *
 * @param spec the case
 * @param observer is told who is preparing, and who falls out, and why
 */
export async function contest<Name extends string>(
  spec: object,
  entrants: readonly Entrant<Name>[],
  { rounds, time }: Effort,
  observer: { preparing(name: Name): void; dropped(name: Name, reason: string): void },
): Promise<Rates<Name>> {
  const running = new Map<Name, Contestant>();
  const rates: Rates<Name> = new Map();
  const spent = new Map<Name, number>();
  async function attempt(name: Name, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      observer.dropped(name, (error as Error).message);
      await running.get(name)?.stop();
      running.delete(name);
      rates.delete(name);
    }
  }
  try {
    for (const { name, program } of entrants) {
      observer.preparing(name);
      await attempt(name, async () => {
        running.set(name, await Contestant.prepare(program, spec, time));
        rates.set(name, []);
      });
    }
    for (let round = 0; round < rounds; round++)
      for (const [name, contestant] of running)
        await attempt(name, async () => {
          if ((spent.get(name) ?? 0) >= ENOUGH) return;
          const start = performance.now();
          rates.get(name)!.push(await contestant.turn());
          spent.set(name, (spent.get(name) ?? 0) + performance.now() - start);
        });
  } finally {
    for (const contestant of running.values()) await contestant.stop();
  }
  return rates;
}
