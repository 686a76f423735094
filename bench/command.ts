import { UsageError } from "#lstm/cli/flags.js";
import { LstmError } from "#lstm/common/errors.js";

/**
 * Runs a program of the benchmark and sets the process's exit code: 2 for a command line that cannot be understood, 1 for
 * what else went wrong.
 */
export async function command(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (error instanceof UsageError || code.startsWith("ERR_PARSE_ARGS")) {
      process.stderr.write(`${name}: ${(error as Error).message}\nTry: npm run ${name} -- --help\n`);
      process.exitCode = 2;
    } else {
      const known = error instanceof LstmError;
      process.stderr.write(`${name}: ${known ? error.message : error instanceof Error ? error.stack : error}\n`);
      process.exitCode = 1;
    }
  }
}

/**
 * The names that were asked for.
 *
 * @param unknown what is wrong with a name that is not among the known ones
 * @throws UsageError for such a name
 */
export function chosen<Name extends string>(
  flag: string,
  names: readonly string[] | undefined,
  known: readonly Name[],
  unknown = "there is no",
): Name[] | undefined {
  return names?.map((name) => {
    const found = known.find((candidate) => candidate === name);
    if (found === undefined)
      throw new UsageError(`--${flag}: ${unknown} ${JSON.stringify(name)}; there are ${known.join(", ")}`);
    return found;
  });
}

/** @throws UsageError for text that is not a whole number of at least 1 */
export function positiveInteger(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--${flag}: expected a whole number of at least 1, got ${JSON.stringify(text)}`);
  return value;
}
