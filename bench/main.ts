import { checkWritable, writeWhole } from "#lstm/cli/write.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { checkAgreement } from "./agree.js";
import { CASES } from "./cases.js";
import { command } from "./command.js";
import { allowRelaxedSimd, describeMachine, machine } from "./machine.js";
import { measure } from "./measure.js";
import { HELP, type Options, readOptions } from "./options.js";
import { isVectorized } from "./peak.js";
import type { PeersReport } from "./peers/report.js";
import { picture } from "./picture.js";
import { readReport } from "./read-report.js";
import { Recorder, type Report } from "./report.js";
import { allSeries } from "./scaling.js";
import { ceilings, head, row } from "./table.js";
import { doublings, variantsOf } from "./variants.js";

type Print = (text: string) => void;

allowRelaxedSimd();
await command("bench", async () => {
  const options = await readOptions(process.argv.slice(2));
  if (options) await bench(options);
  else process.stdout.write(HELP);
});

async function bench(options: Options): Promise<void> {
  const { out, svg, peers, from } = options;
  for (const path of [out, svg]) if (path) await checkWritable(path);
  const others = peers ? await readReport<PeersReport>(peers) : undefined;
  const print: Print = (text) => {
    if (!options.json) process.stdout.write(text);
  };

  const report = from ? await readReport<Report>(from) : await measured(options, print);
  const json = `${JSON.stringify(report)}\n`;
  if (options.json) process.stdout.write(json);
  if (out) await writeWhole(out, json);
  if (svg) await writeWhole(svg, picture(report, others));
}

async function measured(options: Options, print: Print): Promise<Report> {
  const recorder = new Recorder();
  print(`${describeMachine(machine())}\n`);
  if (options.scaling) await measureSeries(options, recorder, print);
  else await measureCases(options, recorder, print);
  const report = recorder.report();
  print(`\n${ceilings(report)}`);
  return report;
}

async function measureCases(options: Options, recorder: Recorder, print: Print): Promise<void> {
  print(`\n${head("case")}`);
  for (const spec of CASES.filter(({ name }) => options.cases?.includes(name) ?? true)) {
    const variants = variantsOf(spec, options, availableBackends(), machine().cores);
    await checkAgreement(spec, variants);
    for (const result of await measure(spec, variants, options.effort, recorder.observePeak)) {
      recorder.results.push(result);
      print(row(result.case, result));
    }
  }
}

async function measureSeries(options: Options, recorder: Recorder, print: Print): Promise<void> {
  const backends = options.backends ?? availableBackends().filter(isVectorized);
  for (const { name, title, points } of allSeries(options.threads ?? doublings(machine().cores))) {
    print(`\n${title}\n${head("")}`);
    for (const { value, spec, threads = 1 } of points) {
      const variants = variantsOf(spec, { backends, threads: [threads] }, backends, threads);
      for (const result of await measure(spec, variants, options.effort, recorder.observePeak)) {
        recorder.scaling.push({ series: name, value, ...result });
        print(row(String(value), result));
      }
    }
  }
}
