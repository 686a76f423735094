import { parseArgs } from "node:util";
import { UsageError } from "#lstm/cli/flags.js";
import { CASES, type Case } from "../cases/cases.js";
import { COMPETITORS, type CompetitorName } from "../cases/competitors.js";
import { EXAMPLE_CASES } from "../cases/lengths.js";
import { parseNames, parsePositiveInteger } from "../common/command-line.js";
import type { TimingOptions } from "../measure/measure.js";
import { PYTHON_SIZE } from "./python.js";

const NAMES = CASES.map(({ name }) => name);
const COMPETITOR_NAMES = COMPETITORS.map(({ name }) => name);

export const HELP = `usage: npm run bench:peers -- [options]

Runs the cases with other libraries, interleaved with our backends: each in a process of its own, all on the same core.
The first run installs npm packages into bench/competitors (460 MB). PyTorch, onnxruntime and NumPy come from what
--install-python has installed, from the Python that the environment variable PYTHON names, or from python3. Whatever is
missing is skipped, and listed. All of it takes about a quarter of an hour, a minute of which jax-js spends on tracing
hamlet.

  --case NAME        run only this case; repeatable (default: all)
  --lengths          instead of the cases, train on 600 examples of 80 steps and on 600 of 40 to 120, beside PyTorch with
                     packed and with padded sequences
  --competitor NAME  run only this competitor; repeatable (default: all)
  --threads N        run on N threads and as many cores, in the cases and with the competitors that can use several;
                     repeatable (default: 1)
  --install-python   first install today's PyTorch, onnxruntime and NumPy from PyPI into bench/competitors/.venv, or
                     update them there: up to ${PYTHON_SIZE}
  --rounds N         samples of each, interleaved; medians are reported (default: 7)
  --time MS          milliseconds per sample, at least (default: 500)
  --json             print one JSON object (npm run --silent bench:peers -- --json)
  --out FILE         write that object to a file
  --from FILE        report on a file that --out wrote instead of measuring
  --docs             write the tables into docs/comparison.md and docs/results.md
  --help             show this text

cases: ${NAMES.join(", ")}
competitors: ${COMPETITOR_NAMES.join(", ")}
`;

export interface Options {
  readonly cases: readonly Case[];
  /** Whether the cases are those of examples. */
  readonly lengths: boolean;
  readonly competitors: readonly CompetitorName[];
  readonly threads: readonly number[];
  /** Whether to install Python's packages. */
  readonly python: boolean;
  readonly timing: TimingOptions;
  readonly json: boolean;
  readonly docs: boolean;
  /** Files. */
  readonly out: string | undefined;
  readonly from: string | undefined;
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
      lengths: { type: "boolean" },
      competitor: { type: "string", multiple: true },
      threads: { type: "string", multiple: true },
      "install-python": { type: "boolean" },
      rounds: { type: "string" },
      time: { type: "string" },
      json: { type: "boolean" },
      out: { type: "string" },
      from: { type: "string" },
      docs: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const measuring = ["case", "lengths", "competitor", "threads", "install-python", "rounds", "time"] as const;
  const unused = measuring.find((name) => values[name] !== undefined);
  if (values.from && unused) throw new UsageError(`--from measures nothing: drop --${unused}`);
  const { lengths = false } = values;
  if (lengths && values.case) throw new UsageError("--lengths has cases of its own: drop --case");
  const names = parseNames("case", values.case, NAMES);
  const threads = (values.threads ?? ["1"]).map((text) => parsePositiveInteger("threads", text));
  return {
    cases: lengths ? EXAMPLE_CASES : CASES.filter(({ name }) => names?.includes(name) ?? true),
    lengths,
    competitors: parseNames("competitor", values.competitor, COMPETITOR_NAMES) ?? COMPETITOR_NAMES,
    threads: [...new Set(threads)].sort((a, b) => a - b),
    python: values["install-python"] ?? false,
    timing: {
      rounds: parsePositiveInteger("rounds", values.rounds ?? "7"),
      time: parsePositiveInteger("time", values.time ?? "500"),
    },
    json: values.json ?? false,
    docs: values.docs ?? false,
    out: values.out,
    from: values.from,
  };
}
