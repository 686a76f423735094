import { parseArgs } from "node:util";
import { aimedKills, kills } from "./kills.js";
import { commandMutants, mutants } from "./mutants.js";
import { networks } from "./networks.js";
import type { Outcome, Scope } from "./part.js";
import { resumption } from "./resumption.js";

// npm run campaign -- --seed N

const HELP = `usage: npm run campaign -- --seed N [options]

Tries at random what the tests try at a few places. The same seed tries the same.

  --seed N            what is drawn
  --minutes M         ends each part after its share of so many minutes
  --configurations N  runs that are stopped and resumed (default 250)
  --stops N           stops of each (default 10)
  --kills N           kills of the command line (default 60)
  --aimed N           kills of the command line while it writes a checkpoint (default 20)
  --mutants N         damaged checkpoints that are loaded (default 26000)
  --commands N        damaged checkpoints that commands are given (default 800)
  --networks N        networks beside float64 (default 126), and beside PyTorch where PYTHON names a Python that has it
`;

const number = (fallback: string) => ({ type: "string", default: fallback }) as const;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    minutes: number("Infinity"),
    configurations: number("250"),
    stops: number("10"),
    kills: number("60"),
    aimed: number("20"),
    mutants: number("26000"),
    commands: number("800"),
    networks: number("126"),
    help: { type: "boolean" },
  },
});

const whole = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (values[name] !== undefined && Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name}: expected a whole number, got ${values[name]}\n\n${HELP}`);
  process.exit(2);
};

if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const seed = whole("seed");
const stops = whole("stops");
const parts: readonly [name: string, count: number, part: (scope: Scope) => Promise<Outcome>][] = [
  ["networks", whole("networks"), networks],
  ["resumption", whole("configurations"), (scope) => resumption(scope, stops)],
  ["kills", whole("kills"), kills],
  ["aimed", whole("aimed"), aimedKills],
  ["mutants", whole("mutants"), mutants],
  ["commands", whole("commands"), commandMutants],
];
const milliseconds = (60_000 * Number(values.minutes)) / parts.length;

let failed = 0;
for (const [name, count, part] of parts) {
  const end = performance.now() + milliseconds;
  const { tried, failures, skipped } = await part({ seed, count, isOver: () => performance.now() > end });
  for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
  if (skipped) process.stdout.write(`${skipped}\n`);
  process.stdout.write(`${name}: ${tried}; ${failures.length} failures\n`);
  failed += failures.length;
}
process.stdout.write(`seed ${seed}: ${failed === 0 ? "no failures" : `${failed} failures`}\n`);
process.exit(failed === 0 ? 0 : 1);
