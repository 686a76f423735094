import { parseArgs } from "node:util";
import { UsageError } from "#lstm/cli/flags.js";
import { refuseSameFiles } from "#lstm/cli/paths.js";
import { BACKENDS } from "#lstm/kernels/kernels.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { CASES } from "./cases.js";
import { chosen, positiveInteger } from "./command.js";
import type { Effort } from "./measure.js";
import type { Wanted } from "./variants.js";

const NAMES = CASES.map(({ name }) => name);

export const HELP = `usage: npm run bench -- [options]

  --case NAME      measure this case; may be given again (default: all)
  --backend NAME   measure this backend; may be given again (default: all that run
                   here, but javascript only where a step takes less than a minute)
  --threads N      measure training with so many threads; may be given again
                   (default: 1, 2, 4, … up to the number of cores). More than one
                   only with WebAssembly, in cases that train several sequences
  --scaling        in place of the cases: over hidden size, batch size and threads
  --rounds N       turns of every backend; medians are taken over them (default: 7)
  --time MS        milliseconds of a turn, at least (default: 200)
  --json           one JSON object on stdout (npm run --silent bench -- --json)
  --out FILE       write that object into a file
  --svg FILE       draw the cases as a picture
  --peers FILE     with the figures of others, from npm run bench:peers -- --out FILE
  --from FILE      take the figures from an earlier --out in place of measuring
  --help           this text

cases: ${NAMES.join(", ")}
backends: ${BACKENDS.join(", ")}
`;

export interface Options extends Wanted {
  readonly cases: readonly string[] | undefined;
  readonly effort: Effort;
  readonly scaling: boolean;
  readonly json: boolean;
  /** Files. */
  readonly out: string | undefined;
  readonly svg: string | undefined;
  readonly peers: string | undefined;
  readonly from: string | undefined;
}

/**
 * What the flags ask for; nothing where they ask for help.
 *
 * @throws UsageError for what cannot be had here
 */
export async function readOptions(args: string[]): Promise<Options | undefined> {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: "string", multiple: true },
      backend: { type: "string", multiple: true },
      threads: { type: "string", multiple: true },
      scaling: { type: "boolean" },
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
  const { out, svg, peers, from } = values;
  const scaling = values.scaling ?? false;
  if (scaling && values.case) throw new UsageError("--scaling has cases of its own: leave --case away");
  if (scaling && svg) throw new UsageError("--svg draws the cases: leave --scaling away");
  if (peers && !svg) throw new UsageError("--peers is for the picture: give --svg FILE");
  const measuring = ["case", "backend", "threads", "scaling", "rounds", "time"] as const;
  const idle = measuring.find((name) => values[name] !== undefined);
  if (from && idle) throw new UsageError(`--from measures nothing: leave --${idle} away`);
  await refuseSameFiles({ out, svg, peers, from });
  const threads = values.threads?.map((text) => positiveInteger("threads", text));
  return {
    cases: chosen("case", values.case, NAMES),
    backends: chosen("backend", values.backend, availableBackends(), "this Node does not run"),
    threads,
    effort: {
      rounds: positiveInteger("rounds", values.rounds ?? "7"),
      time: positiveInteger("time", values.time ?? "200"),
    },
    scaling,
    json: values.json ?? false,
    out,
    svg,
    peers,
    from,
  };
}
