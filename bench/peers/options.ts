import { parseArgs } from "node:util";
import { CASES } from "../cases/cases.js";
import { COMPETITORS, type CompetitorName } from "../cases/competitors.js";
import { parseNames, parsePositiveInteger } from "../common/command-line.js";
import type { TimingOptions } from "../measure/measure.js";

const NAMES = CASES.map(({ name }) => name);
const COMPETITOR_NAMES = COMPETITORS.map(({ name }) => name);

export const HELP = `usage: npm run bench:peers -- [options]

Runs the cases with other libraries, interleaved with our backends: each in a process of its own, all on the same core.
The first run installs npm packages into bench/competitors. PyTorch and NumPy come from python3, or from the Python
that the environment variable PYTHON names. Whatever is missing is skipped. All of it takes several minutes, one of
which jax-js spends on tracing hamlet.

  --case NAME        run only this case; repeatable (default: all)
  --competitor NAME  run only this competitor; repeatable (default: all)
  --rounds N         samples of each, interleaved; medians are reported (default: 7)
  --time MS          milliseconds per sample, at least (default: 500)
  --json             print one JSON object (npm run --silent bench:peers -- --json)
  --out FILE         write that object to a file
  --help             show this text

cases: ${NAMES.join(", ")}
competitors: ${COMPETITOR_NAMES.join(", ")}
`;

export interface Options {
  readonly cases: readonly string[];
  readonly competitors: readonly CompetitorName[];
  readonly timing: TimingOptions;
  readonly json: boolean;
  readonly out: string | undefined;
}

/**
 * Parses the flags; undefined for `--help`.
 *
 * @throws UsageError for an unknown flag or an invalid value
 */
export function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: "string", multiple: true },
      competitor: { type: "string", multiple: true },
      rounds: { type: "string" },
      time: { type: "string" },
      json: { type: "boolean" },
      out: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  return {
    cases: parseNames("case", values.case, NAMES) ?? NAMES,
    competitors: parseNames("competitor", values.competitor, COMPETITOR_NAMES) ?? COMPETITOR_NAMES,
    timing: {
      rounds: parsePositiveInteger("rounds", values.rounds ?? "7"),
      time: parsePositiveInteger("time", values.time ?? "500"),
    },
    json: values.json ?? false,
    out: values.out,
  };
}
