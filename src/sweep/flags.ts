import { describeFlags, type Flag, flagsOf } from "../cli/flags.js";
import { SWEEP_OPTIONS, WORKER_OPTIONS } from "./options.js";

const TABLE = flagsOf("SWEEP_OPTIONS", SWEEP_OPTIONS, [], { dir: "sweep" });
const WORKER_TABLE = flagsOf("WORKER_OPTIONS", WORKER_OPTIONS);
const named = (flag: Flag | undefined, value: string): Flag => ({ ...flag!, value });

const COMMON = {
  json: { help: "print one JSON object per line to stdout" },
  quiet: { help: "no progress on stderr" },
  help: { help: "show this help" },
} as const;

/** The flags of `lstm-wasm sweep`. */
export const SWEEP_FLAGS: Record<string, Flag> & typeof COMMON & { vary: { value: string; many: true; help: string } } =
  {
    vary: {
      value: "NAME=VALUES",
      many: true,
      help:
        "an option of train, and what it may be: a list such as hidden-size=64,128,256, or a range such as " +
        "dropout=0:0.5, evenly or, if it is a rate such as learning-rate=1e-4:1e-2, by its logarithm (:log and " +
        ":uniform say which); may be repeated",
    },
    ...TABLE,
    dir: named(TABLE["dir"], "FOLDER"),
    out: named(TABLE["out"], "FILE"),
    queue: named(TABLE["queue"], "URL"),
    store: named(TABLE["store"], "FOLDER"),
    ...COMMON,
  };

/** The flags of `lstm-wasm sweep-worker`. */
export const WORKER_FLAGS: Record<string, Flag> & typeof COMMON = {
  ...WORKER_TABLE,
  queue: named(WORKER_TABLE["queue"], "URL"),
  store: named(WORKER_TABLE["store"], "FOLDER"),
  ...COMMON,
};

export const SWEEP_HELP = `usage: lstm-wasm sweep --vary NAME=VALUES … [options] -- FLAGS OF TRAIN

Trains a model many times with different options, several at once, and finds the best by
its validation loss or, for series, by its error on the rows that are held out.
The folder of the sweep has all that it needs to go on after it was stopped or killed,
with the same command, and besides results.csv and report.html.

options:
${describeFlags(SWEEP_FLAGS)}

Ctrl-C stops the trials after their current updates, with their checkpoints; a second
Ctrl-C quits at once. Exit status: 0 done, 1 failed, 2 usage error, 130 interrupted.
`;

export const WORKER_HELP = `usage: lstm-wasm sweep-worker --queue URL [options]

Takes trials of sweeps from a queue, until it is stopped. Start it in a folder where the
files that the trials read have the same paths as for the sweep.

options:
${describeFlags(WORKER_FLAGS)}

Ctrl-C gives the trials back, to this or another worker.
`;
