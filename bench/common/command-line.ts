import { UsageError } from "#lstm/cli/flags.js";
import { LstmError } from "#lstm/common/errors.js";

/**
 * Runs a program of the benchmark and sets the exit code where it fails: 2 for a command line that cannot be parsed, 1 for
 * anything else.
 */
export async function runProgram(name: string, program: () => Promise<void>): Promise<void> {
  try {
    await program();
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
 * A flag's names, checked against the known ones.
 *
 * @param problem how the message about an unknown name begins
 * @throws UsageError for an unknown name
 */
export function parseNames<Name extends string>(
  flag: string,
  names: readonly string[] | undefined,
  known: readonly Name[],
  problem = "there is no",
): Name[] | undefined {
  return names?.map((name) => {
    const found = known.find((candidate) => candidate === name);
    if (found === undefined)
      throw new UsageError(`--${flag}: ${problem} ${JSON.stringify(name)}; choose from ${known.join(", ")}`);
    return found;
  });
}

/** @throws UsageError for text that is not a whole number of at least 1 */
export function parsePositiveInteger(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--${flag}: expected a whole number of at least 1, got ${JSON.stringify(text)}`);
  return value;
}
