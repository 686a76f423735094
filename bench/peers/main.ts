import { checkWritable, writeWhole } from "#lstm/cli/write.js";
import type { Backend } from "#lstm/kernels/kernels.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { CASES } from "../cases.js";
import { command } from "../command.js";
import { allowRelaxedSimd, describeMachine, machine } from "../machine.js";
import { median } from "../statistics.js";
import { feasible } from "../variants.js";
import { contest, type Entrant } from "./contest.js";
import { HELP, type Options, readOptions } from "./options.js";
import { pinning } from "./pin.js";
import { presentRivals } from "./present.js";
import { ourProgram, programOf } from "./program.js";
import { ratiosIn } from "./ratios.js";
import type { Absence, PeersReport, Ratio, Throughput } from "./report.js";
import { COMPETITORS, type RivalName, rivalsOf } from "./rivals.js";
import { ratioTable } from "./table.js";

allowRelaxedSimd();
await command("bench:peers", async () => {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(HELP);
    return;
  }
  if (options.out) await checkWritable(options.out);
  const report = await measured(options);
  const json = `${JSON.stringify(report)}\n`;
  process.stdout.write(options.json ? json : `\n${ratioTable(report, availableBackends())}`);
  if (options.out) await writeWhole(options.out, json);
});

/** Says on stderr what is going on. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function measured({ cases, rivals, effort }: Options): Promise<PeersReport> {
  const pin = pinning();
  say(`${describeMachine(machine())}${pin.length > 0 ? `; everybody on core ${pin.at(-1)}` : ""}`);
  const absent: Absence[] = [];
  const present = await presentRivals(rivals, (contestant, reason) => {
    absent.push({ contestant, reason });
    say(`without ${contestant}: ${reason}`);
  });

  const results: Throughput[] = [];
  const ratios: Ratio[] = [];
  for (const spec of CASES.filter(({ name }) => cases.includes(name))) {
    const backends = feasible(spec, availableBackends());
    const others = rivalsOf(spec, COMPETITORS).filter(({ name }) => present.has(name));
    if (others.length === 0) continue;
    const entrants: Entrant<Backend | RivalName>[] = [
      ...backends.map((name) => ({ name, program: ourProgram(name, pin) })),
      ...others.map((rival) => ({ name: rival.name, program: programOf(rival, pin) })),
    ];
    const rates = await contest(spec, entrants, effort, {
      preparing: (contestant) => say(`${spec.name}: preparing ${contestant}`),
      dropped: (contestant, reason) => {
        absent.push({ contestant, case: spec.name, reason });
        say(`${spec.name}: without ${contestant}: ${reason}`);
      },
    });
    for (const [contestant, byRound] of rates) {
      const version = present.get(contestant as RivalName);
      results.push({
        case: spec.name,
        contestant,
        ...(version !== undefined && { version }),
        tokensPerSecond: median(byRound),
      });
    }
    ratios.push(...ratiosIn(spec.name, rates, backends, others));
  }
  return { ...machine(), ...effort, pinned: pin.length > 0, results, ratios, absent };
}
