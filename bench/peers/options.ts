import { parseArgs } from "node:util";
import { CASES } from "../cases.js";
import { chosen, positiveInteger } from "../command.js";
import type { Effort } from "../measure.js";
import { COMPETITORS, type RivalName } from "./rivals.js";

const NAMES = CASES.map(({ name }) => name);
const RIVAL_NAMES = COMPETITORS.map(({ name }) => name);

export const HELP = `usage: npm run bench:peers -- [options]

Runs the cases with what a user would pick instead, in turns with our backends: each in a process of its own, on one
core. Packages from npm are installed into bench/rivals on the first run; PyTorch and NumPy are taken from python3,
or from the Python that the environment variable PYTHON names, where it has them. What is not there is left out.
All of it takes several minutes, one of which jax-js needs to begin with hamlet.

  --case NAME    run this case; may be given again (default: all)
  --rival NAME   run this rival; may be given again (default: all)
  --rounds N     turns of each; medians are taken over them (default: 7)
  --time MS      milliseconds of a turn, at least (default: 500)
  --json         one JSON object on stdout (npm run --silent bench:peers -- --json)
  --out FILE     write that object into a file
  --help         this text

cases: ${NAMES.join(", ")}
rivals: ${RIVAL_NAMES.join(", ")}
`;

export interface Options {
  readonly cases: readonly string[];
  readonly rivals: readonly RivalName[];
  readonly effort: Effort;
  readonly json: boolean;
  readonly out: string | undefined;
}

/**
 * What the flags ask for; nothing where they ask for help.
 *
 * @throws UsageError for what there is not
 */
export function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: "string", multiple: true },
      rival: { type: "string", multiple: true },
      rounds: { type: "string" },
      time: { type: "string" },
      json: { type: "boolean" },
      out: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  return {
    cases: chosen("case", values.case, NAMES) ?? NAMES,
    rivals: chosen("rival", values.rival, RIVAL_NAMES) ?? RIVAL_NAMES,
    effort: {
      rounds: positiveInteger("rounds", values.rounds ?? "7"),
      time: positiveInteger("time", values.time ?? "500"),
    },
    json: values.json ?? false,
    out: values.out,
  };
}
