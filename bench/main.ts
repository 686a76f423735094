import { fileURLToPath } from "node:url";
import { checkWritable, writeWhole } from "#lstm/cli/write.js";
import { int8Backends } from "#lstm/kernels/int8.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { checkOut } from "./against/checkout.js";
import { compare } from "./against/compare.js";
import { ratioHead, ratioRow } from "./against/table.js";
import { CASES, INT8_PAIRS, SAMPLE_CASES } from "./cases/cases.js";
import { LENGTH_SERIES } from "./cases/lengths.js";
import { scalingSeries } from "./cases/scaling.js";
import { STREAM_CASES } from "./cases/streams.js";
import { doublings, variantsOf } from "./cases/variants.js";
import { runProgram } from "./common/command-line.js";
import { allowRelaxedSimd, describeMachine, machine } from "./common/machine.js";
import { crossCheck } from "./measure/cross-check.js";
import { measure, measureAll } from "./measure/measure.js";
import { isVectorized } from "./measure/peak.js";
import { profile } from "./measure/profile.js";
import { measureStreams } from "./measure/streams.js";
import { HELP, type Options, readOptions } from "./options.js";
import type { PeersReport } from "./report/peers-report.js";
import { profileHead, profileRow } from "./report/profile-table.js";
import { readReport } from "./report/read-report.js";
import { Recorder, type Report } from "./report/report.js";
import { speedChart } from "./report/speed-chart.js";
import { ceilings, head, row, spread } from "./report/table.js";

type Print = (text: string) => void;

allowRelaxedSimd();
await runProgram("bench", async () => {
  const options = await readOptions(process.argv.slice(2));
  if (options) await bench(options);
  else process.stdout.write(HELP);
});

async function bench(options: Options): Promise<void> {
  const { out, svg, peers, from, against } = options;
  for (const path of [out, svg]) if (path) await checkWritable(path);
  const peersReport = peers ? await readReport<PeersReport>(peers) : undefined;
  const print: Print = (text) => {
    if (!options.json) process.stdout.write(text);
  };

  if (against !== undefined) {
    await benchAgainst(against, options, print);
    return;
  }
  const report = from ? await readReport<Report>(from) : await measureReport(options, print);
  const json = `${JSON.stringify(report)}\n`;
  if (options.json) process.stdout.write(json);
  if (out) await writeWhole(out, json);
  if (svg) await writeWhole(svg, speedChart(report, peersReport));
}

/** Compares this checkout with another commit. */
async function benchAgainst(against: string, options: Options, print: Print): Promise<void> {
  const { cases, backends, threads = [1], timing, out } = options;
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { commit, folder } = checkOut(against, root);
  const flags = {
    case: cases,
    backend: backends ?? availableBackends().filter(isVectorized),
    threads,
    time: [timing.time],
  };
  const args = Object.entries(flags).flatMap(([name, values]) =>
    (values ?? []).flatMap((value) => [`--${name}`, String(value)]),
  );
  print(`${describeMachine(machine())}\n\nthis checkout against ${commit}, ${timing.rounds} rounds\n${ratioHead()}`);
  const comparisons = compare(root, folder, args, timing.rounds);
  for (const comparison of comparisons) print(ratioRow(comparison));
  const json = `${JSON.stringify({ ...machine(), against: commit, comparisons })}\n`;
  if (options.json) process.stdout.write(json);
  if (out) await writeWhole(out, json);
}

async function measureReport(options: Options, print: Print): Promise<Report> {
  const recorder = new Recorder();
  print(`${describeMachine(machine())}\n`);
  if (options.scaling) await measureScaling(options, recorder, print);
  else if (options.int8) await measureInt8(options, recorder, print);
  else if (options.lengths) await measureLengths(options, recorder, print);
  else if (options.streams) await compareStreams(options, recorder, print);
  else if (options.profile) await profileCases(options, recorder, print);
  else if (options.samples) await measureSamples(options, recorder, print);
  else await measureCases(options, recorder, print);
  const report = recorder.report();
  print(`\n${ceilings(report)}`);
  return report;
}

async function measureCases(options: Options, recorder: Recorder, print: Print): Promise<void> {
  print(`\n${head("case")}`);
  for (const spec of CASES.filter(({ name }) => options.cases?.includes(name) ?? true)) {
    const variants = variantsOf(spec, options, availableBackends(), machine().cores);
    await crossCheck(spec, variants);
    for (const result of await measure(spec, variants, options.timing, recorder.addPeak)) {
      recorder.results.push(result);
      print(row(result.case, result));
    }
  }
}

/** Where the time of the cases goes. */
async function profileCases(options: Options, recorder: Recorder, print: Print): Promise<void> {
  print(`\n${profileHead()}`);
  for (const spec of CASES.filter(({ name }) => options.cases?.includes(name) ?? true))
    for (const backend of (options.backends ?? availableBackends()).filter(isVectorized)) {
      const entries = await profile(spec, backend, options.timing);
      recorder.profile.push(...entries);
      for (const entry of entries) print(profileRow(entry));
    }
}

async function measureScaling(options: Options, recorder: Recorder, print: Print): Promise<void> {
  const backends = options.backends ?? availableBackends().filter(isVectorized);
  for (const { name, title, points } of scalingSeries(options.threads ?? doublings(machine().cores))) {
    print(`\n${title}\n${head("")}`);
    for (const { value, spec, threads = 1 } of points) {
      const variants = variantsOf(spec, { backends, threads: [threads] }, backends, threads);
      for (const result of await measure(spec, variants, options.timing, recorder.addPeak)) {
        recorder.scaling.push({ series: name, value, ...result });
        print(row(String(value), result));
      }
    }
  }
}

/** All threads of a case are sampled in the same rounds. */
async function measureSamples(options: Options, recorder: Recorder, print: Print): Promise<void> {
  const backends = options.backends ?? availableBackends().filter(isVectorized);
  print(`\n${head("texts")}`);
  for (const spec of SAMPLE_CASES) {
    const variants = variantsOf(spec, { ...options, backends }, backends, machine().cores);
    for (const result of await measure(spec, variants, options.timing, recorder.addPeak)) {
      recorder.samples.push(result);
      print(row(result.case, result));
    }
  }
}

/** Float32 and int8 weights are sampled in the same rounds. */
async function measureInt8(options: Options, recorder: Recorder, print: Print): Promise<void> {
  const backends = options.backends ?? int8Backends();
  print(`\n${head("case")}`);
  for (const pair of INT8_PAIRS)
    for (const backend of backends) {
      const subjects = pair.map((spec) => ({ spec, variant: { backend, threads: 1 } }));
      const results = await measureAll(subjects, options.timing, recorder.addPeak);
      recorder.int8.push(...results);
      for (const result of results) print(row(result.case, result));
      print(spread(results));
    }
}

/** Each backend's lengths are sampled in the same rounds: it is their ratio that matters. */
async function measureLengths(options: Options, recorder: Recorder, print: Print): Promise<void> {
  const backends = options.backends ?? availableBackends();
  for (const { loss, title, specs } of LENGTH_SERIES) {
    print(`\n${title}\n${head("T")}`);
    for (const backend of backends) {
      const subjects = specs.map((spec) => ({ spec, variant: { backend, threads: 1 } }));
      const results = await measureAll(subjects, options.timing, recorder.addPeak);
      for (const [i, result] of results.entries()) {
        const { sequenceLength: T, examples } = specs[i]!.training!;
        const isMixed = examples !== undefined && examples.shortest < T;
        recorder.lengths.push({ loss, T, ...(isMixed ? { isMixed } : {}), ...result });
        print(row(isMixed ? "mixed" : String(T), result));
      }
      print(spread(results));
    }
  }
}

/** Streams in turn and side by side are sampled in the same rounds: it is their ratio that matters. */
async function compareStreams(options: Options, recorder: Recorder, print: Print): Promise<void> {
  const backends = options.backends ?? availableBackends();
  for (const spec of STREAM_CASES) {
    const { streams, layers, hiddenSize } = spec;
    print(`\n${streams} streams of vectors, ${layers} × ${hiddenSize} units\n${head("stepped", "steps/s")}`);
    for (const backend of backends.filter(isVectorized)) {
      const results = await measureStreams(spec, backend, options.timing);
      recorder.streams.push(...results);
      for (const { way, stepsPerSecond: tokensPerSecond, ...result } of results)
        print(row(way, { ...result, case: way, threads: 1, tokensPerSecond }));
      const [inTurn, sideBySide] = results.map(({ stepsPerSecond }) => stepsPerSecond) as [number, number];
      recorder.addPeak(backend, results[0]!.ceilingGigaflops);
      print(`side by side ${(sideBySide / inTurn).toFixed(2)} times as fast\n`);
    }
  }
}
