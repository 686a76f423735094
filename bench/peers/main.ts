import { fileURLToPath } from "node:url";
import { checkWritable, writeWhole } from "#lstm/cli/write.js";
import type { Backend } from "#lstm/kernels/kernels.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { COMPETITORS, type Competitor, type CompetitorName, competitorsOn } from "../cases/competitors.js";
import { isParallel } from "../cases/variants.js";
import { runProgram } from "../common/command-line.js";
import { allowRelaxedSimd, describeMachine, machine } from "../common/machine.js";
import { median } from "../common/statistics.js";
import { isVectorized, type Vectorized } from "../measure/peak.js";
import type { PeersReport, Ratio, Skipped, Throughput } from "../report/peers-report.js";
import { readReport } from "../report/read-report.js";
import { availableCompetitors } from "./available.js";
import { writeDocs } from "./docs.js";
import { type Implementation, runInterleaved } from "./interleave.js";
import { lengthsTable } from "./lengths-table.js";
import { OnnxFiles } from "./onnx.js";
import { HELP, type Options, readOptions } from "./options.js";
import { pinPrefix } from "./pin.js";
import { COMPETITORS_FOLDER, ourProgram, programOf } from "./program.js";
import { installPython } from "./python.js";
import { ratiosOn } from "./ratios.js";
import { ratioTable } from "./table.js";

allowRelaxedSimd();
await runProgram("bench:peers", async () => {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(HELP);
    return;
  }
  const { out, from, docs } = options;
  if (out) await checkWritable(out);
  const report = from ? await readReport<PeersReport>(from) : await measureReport(options);
  const json = `${JSON.stringify(report)}\n`;
  const table = report.lengths ? lengthsTable(report) : ratioTable(report, availableBackends());
  process.stdout.write(options.json ? json : `\n${table}`);
  if (out) await writeWhole(out, json);
  if (docs) await writeDocs(report, fileURLToPath(new URL("../../..", import.meta.url)));
});

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function measureReport({ cases, lengths, competitors, threads, timing, python }: Options): Promise<PeersReport> {
  log(describeMachine(machine()));
  const skipped: Skipped[] = [];
  const skip = (entry: Skipped) => {
    skipped.push(entry);
    const { implementation, case: name, reason } = entry;
    log(`${name === undefined ? "" : `${name}: `}skipping ${implementation}: ${reason}`);
  };
  const failure = python ? installPython(COMPETITORS_FOLDER, log) : undefined;
  if (failure !== undefined) skip({ implementation: "python", reason: failure });
  const useful = COMPETITORS.filter((competitor) => cases.some(({ name }) => competitor.cases.includes(name)));
  const names = useful.map(({ name }) => name).filter((name) => competitors.includes(name));
  const versions = await availableCompetitors(names, (implementation, reason) => skip({ implementation, reason }));

  const results: Throughput[] = [];
  const ratios: Ratio[] = [];
  const onnx = new OnnxFiles();
  const backends = availableBackends().filter(isVectorized);
  try {
    for (const count of threads)
      for (const spec of cases) {
        const others = competitorsOn(spec, count).filter(({ name }) => versions.has(name));
        if (others.length === 0 || (count > 1 && !isParallel(spec))) continue;
        const rates = await runInterleaved(
          others.some(({ readsOnnx }) => readsOnnx) ? await onnx.write(spec) : spec,
          implementationsOf(backends, others, count),
          timing,
          {
            onPrepare: (name) => log(`${spec.name}, ${count} thread${count > 1 ? "s" : ""}: preparing ${name}`),
            onFailure: (implementation, reason) => skip({ implementation, case: spec.name, reason }),
          },
        );
        for (const [implementation, byRound] of rates) {
          const version = versions.get(implementation as CompetitorName);
          results.push({
            case: spec.name,
            implementation,
            threads: count,
            ...(version !== undefined && { version }),
            tokensPerSecond: median(byRound),
          });
        }
        ratios.push(...ratiosOn(spec.name, count, rates, backends, others));
      }
  } finally {
    await onnx.remove();
  }
  const pinned = threads.every((count) => pinPrefix(count).length > 0);
  return { ...machine(), ...timing, pinned, ...(lengths && { lengths }), results, ratios, skipped };
}

/** Everything that is compared, on the same cores. */
function implementationsOf(
  backends: readonly Vectorized[],
  others: readonly Competitor[],
  threads: number,
): Implementation<Backend | CompetitorName>[] {
  const pin = pinPrefix(threads);
  return [
    ...backends.map((name) => ({ name, program: ourProgram(name, threads, pin) })),
    ...others.map((competitor) => ({ name: competitor.name, program: programOf(competitor, threads, pin) })),
  ];
}
