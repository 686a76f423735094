import { checkWritable, writeWhole } from "#lstm/cli/write.js";
import type { Backend } from "#lstm/kernels/kernels.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { CASES } from "../cases/cases.js";
import { type CompetitorName, competitorsOn } from "../cases/competitors.js";
import { defaultBackends } from "../cases/variants.js";
import { runProgram } from "../common/command-line.js";
import { allowRelaxedSimd, describeMachine, machine } from "../common/machine.js";
import { median } from "../common/statistics.js";
import type { PeersReport, Ratio, Skipped, Throughput } from "../report/peers-report.js";
import { availableCompetitors } from "./available.js";
import { type Implementation, runInterleaved } from "./interleave.js";
import { HELP, type Options, readOptions } from "./options.js";
import { pinPrefix } from "./pin.js";
import { ourProgram, programOf } from "./program.js";
import { ratiosOn } from "./ratios.js";
import { ratioTable } from "./table.js";

allowRelaxedSimd();
await runProgram("bench:peers", async () => {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(HELP);
    return;
  }
  if (options.out) await checkWritable(options.out);
  const report = await measureReport(options);
  const json = `${JSON.stringify(report)}\n`;
  process.stdout.write(options.json ? json : `\n${ratioTable(report, availableBackends())}`);
  if (options.out) await writeWhole(options.out, json);
});

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function measureReport({ cases, competitors, timing }: Options): Promise<PeersReport> {
  const pin = pinPrefix();
  log(`${describeMachine(machine())}${pin.length > 0 ? `; everything on core ${pin.at(-1)}` : ""}`);
  const skipped: Skipped[] = [];
  const versions = await availableCompetitors(competitors, (implementation, reason) => {
    skipped.push({ implementation, reason });
    log(`skipping ${implementation}: ${reason}`);
  });

  const results: Throughput[] = [];
  const ratios: Ratio[] = [];
  for (const spec of CASES.filter(({ name }) => cases.includes(name))) {
    const backends = defaultBackends(spec, availableBackends());
    const others = competitorsOn(spec).filter(({ name }) => versions.has(name));
    if (others.length === 0) continue;
    const implementations: Implementation<Backend | CompetitorName>[] = [
      ...backends.map((name) => ({ name, program: ourProgram(name, pin) })),
      ...others.map((competitor) => ({ name: competitor.name, program: programOf(competitor, pin) })),
    ];
    const rates = await runInterleaved(spec, implementations, timing, {
      onPrepare: (name) => log(`${spec.name}: preparing ${name}`),
      onFailure: (implementation, reason) => {
        skipped.push({ implementation, case: spec.name, reason });
        log(`${spec.name}: skipping ${implementation}: ${reason}`);
      },
    });
    for (const [implementation, byRound] of rates) {
      const version = versions.get(implementation as CompetitorName);
      results.push({
        case: spec.name,
        implementation,
        ...(version !== undefined && { version }),
        tokensPerSecond: median(byRound),
      });
    }
    ratios.push(...ratiosOn(spec.name, rates, backends, others));
  }
  return { ...machine(), ...timing, pinned: pin.length > 0, results, ratios, skipped };
}
