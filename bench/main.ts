import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { BACKENDS, type Backend } from "#lstm/kernels/kernels.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { checkAgreement } from "./agree.js";
import { CASES } from "./cases.js";
import { measure, peakGigaflops, type Result } from "./measure.js";

const HELP = `usage: npm run bench -- [options]

  --case NAME      measure this case; may be given again (default: all)
  --backend NAME   measure this backend; may be given again (default: all that run
                   here, but javascript only where a step takes less than a minute)
  --json           one JSON object on stdout (npm run --silent bench -- --json)
  --help           this text

cases: ${CASES.map(({ name }) => name).join(", ")}
backends: ${BACKENDS.join(", ")}
`;

/** The JavaScript baseline needs minutes for these: it is measured on them only when asked for. */
const LONG_IN_JAVASCRIPT = new Set(["large"]);

// Node before 22 has relaxed SIMD behind a flag.
if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString("--experimental-wasm-relaxed-simd");

const { values } = parseArgs({
  options: {
    case: { type: "string", multiple: true },
    backend: { type: "string", multiple: true },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});
if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const available = availableBackends();
  const backends = (values.backend as Backend[] | undefined) ?? available;
  const unknown = [
    ...backends.filter((name) => !available.includes(name)),
    ...(values.case ?? []).filter((name) => !CASES.some((known) => known.name === name)),
  ];
  if (unknown.length > 0) {
    process.stderr.write(`not to be had here: ${unknown.join(", ")}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const cpu = cpus()[0]?.model ?? "unknown";
  const peak: Partial<Record<Backend, number>> = {};
  for (const backend of backends) if (backend !== "javascript") peak[backend] = await peakGigaflops(backend);
  if (!values.json) printHead(cpu, peak);

  const results: Result[] = [];
  for (const spec of CASES.filter(({ name }) => values.case?.includes(name) ?? true)) {
    const wanted = backends.filter((b) => values.backend || b !== "javascript" || !LONG_IN_JAVASCRIPT.has(spec.name));
    await checkAgreement(spec, wanted);
    for (const result of await measure(spec, wanted)) {
      results.push(result);
      if (!values.json) printRow(result, peak);
    }
  }
  if (values.json)
    process.stdout.write(`${JSON.stringify({ node: process.versions.node, cpu, peakGigaflops: peak, results })}\n`);
}

function printHead(cpu: string, peak: Partial<Record<Backend, number>>): void {
  const ceilings = Object.entries(peak).map(([backend, gigaflops]) => `${backend} ${gigaflops.toFixed(1)} GFLOP/s`);
  process.stdout.write(
    `Node ${process.versions.node}, ${cpu}, ${new Date().toISOString().slice(0, 10)}\n` +
      `ceiling (multiply-adds between registers): ${ceilings.join(", ") || "not measured"}\n\n` +
      `${"case".padEnd(16)}${"backend".padEnd(14)}${"tokens/s".padStart(12)}${"GFLOP/s".padStart(10)}${"of ceiling".padStart(12)}\n`,
  );
}

function printRow({ case: name, backend, tokensPerSecond, gigaflops }: Result, peak: Partial<Record<Backend, number>>) {
  const ceiling = peak[backend];
  const share = ceiling === undefined ? "–" : `${((100 * gigaflops) / ceiling).toFixed(0)} %`;
  const rate = Math.round(tokensPerSecond).toLocaleString("en-US");
  process.stdout.write(
    `${name.padEnd(16)}${backend.padEnd(14)}${rate.padStart(12)}${gigaflops.toFixed(1).padStart(10)}${share.padStart(12)}\n`,
  );
}
