import { parseArgs } from "node:util";
import { UsageError } from "#lstm/cli/flags.js";
import { refuseSameFiles } from "#lstm/cli/paths.js";
import { BACKENDS } from "#lstm/kernels/kernels.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { CASES } from "./cases/cases.js";
import type { RequestedVariants } from "./cases/variants.js";
import { parseNames, parsePositiveInteger } from "./common/command-line.js";
import type { TimingOptions } from "./measure/measure.js";

/** What is measured instead of the cases. */
const SERIES = ["scaling", "lengths", "streams", "samples", "int8", "profile"] as const;

const NAMES = CASES.map(({ name }) => name);

export const HELP = `usage: npm run bench -- [options]

  --case NAME      measure only this case; repeatable (default: all)
  --backend NAME   measure only this backend; repeatable (default: all that run
                   here, except javascript on cases where it takes minutes)
  --threads N      train on N threads; repeatable (default: 1, 2, 4, … up to the
                   number of cores). More than one only on WebAssembly, in cases
                   that train several sequences
  --scaling        vary hidden size, batch size and threads instead of running the
                   cases
  --lengths        vary the length of the sequences, 50 to 2000 steps, with a loss at
                   every step and at the last alone, or mix 40 to 120 steps in one
                   batch, on one thread: the throughput should not depend on it
  --streams        step streams one after another, and side by side
  --samples        generate one text and several side by side, on one thread and on several
  --int8           generate with int8 weights beside float32, on one thread
  --profile        the time that each kernel takes of a case, on one thread, and what
                   JavaScript takes between them
  --against COMMIT build another commit in a folder for temporary files, run both in
                   turns, and print the ratios. The first run on a commit installs
                   its packages
  --rounds N       samples per variant, interleaved; medians are reported
                   (default: 7)
  --time MS        milliseconds per sample, at least (default: 200)
  --json           print one JSON object (npm run --silent bench -- --json)
  --out FILE       write that object to a file
  --svg FILE       draw the cases as a chart
  --peers FILE     add the competitors from npm run bench:peers -- --out FILE
  --from FILE      report on a file that --out wrote instead of measuring
  --help           show this text

cases: ${NAMES.join(", ")}
backends: ${BACKENDS.join(", ")}
`;

export interface Options extends RequestedVariants {
  readonly cases: readonly string[] | undefined;
  readonly timing: TimingOptions;
  readonly scaling: boolean;
  readonly lengths: boolean;
  readonly streams: boolean;
  readonly samples: boolean;
  readonly int8: boolean;
  readonly profile: boolean;
  /** A commit to compare with. */
  readonly against: string | undefined;
  readonly json: boolean;
  /** Files. */
  readonly out: string | undefined;
  readonly svg: string | undefined;
  readonly peers: string | undefined;
  readonly from: string | undefined;
}

/**
 * Parses the flags; undefined for `--help`.
 *
 * @throws UsageError for a flag or value that is not valid here
 */
export async function readOptions(args: string[]): Promise<Options | undefined> {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: "string", multiple: true },
      backend: { type: "string", multiple: true },
      threads: { type: "string", multiple: true },
      scaling: { type: "boolean" },
      lengths: { type: "boolean" },
      streams: { type: "boolean" },
      samples: { type: "boolean" },
      int8: { type: "boolean" },
      profile: { type: "boolean" },
      against: { type: "string" },
      rounds: { type: "string" },
      time: { type: "string" },
      json: { type: "boolean" },
      out: { type: "string" },
      svg: { type: "string" },
      peers: { type: "string" },
      from: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const { out, svg, peers, from, against } = values;
  const { scaling = false, lengths = false, streams = false } = values;
  const { samples = false, int8 = false, profile = false } = values;
  const [series, second] = SERIES.filter((name) => values[name]).map((name) => `--${name}`);
  if (second) throw new UsageError(`${series} and ${second} measure different things: drop one`);
  if (series && !profile && values.case) throw new UsageError(`${series} has cases of its own: drop --case`);
  if (series && svg) throw new UsageError(`--svg draws the cases: drop ${series}`);
  if ((lengths || streams || int8 || profile) && values.threads)
    throw new UsageError(`${series} runs on one thread: drop --threads`);
  const other = ([...SERIES, "svg", "peers", "from"] as const).find((name) => values[name] !== undefined);
  if (against !== undefined && other) throw new UsageError(`--against compares the cases: drop --${other}`);
  if (peers && !svg) throw new UsageError("--peers adds to the chart: give --svg FILE too");
  const measuring = ["case", "backend", "threads", ...SERIES, "rounds", "time"] as const;
  const unused = measuring.find((name) => values[name] !== undefined);
  if (from && unused) throw new UsageError(`--from measures nothing: drop --${unused}`);
  await refuseSameFiles({ out, svg, peers, from });
  const threads = values.threads?.map((text) => parsePositiveInteger("threads", text));
  return {
    cases: parseNames("case", values.case, NAMES),
    backends: parseNames("backend", values.backend, availableBackends(), "this Node does not run"),
    threads,
    timing: {
      rounds: parsePositiveInteger("rounds", values.rounds ?? "7"),
      time: parsePositiveInteger("time", values.time ?? "200"),
    },
    scaling,
    lengths,
    streams,
    samples,
    int8,
    profile,
    against,
    json: values.json ?? false,
    out,
    svg,
    peers,
    from,
  };
}
