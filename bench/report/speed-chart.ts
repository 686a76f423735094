import { CASES, type Case } from "../cases/cases.js";
import { describeMachine } from "../common/machine.js";
import type { Result } from "../measure/measure.js";
import { type Bar, type BarGroup, barChart, type Color } from "./bar-chart.js";
import type { PeersReport, Ratio } from "./peers-report.js";
import type { Report } from "./report.js";

const COLORS: Readonly<Record<Result["backend"], Color>> = {
  "relaxed-simd": ["#b3361e", "#f08a6c"],
  simd: ["#d97b66", "#b0604a"],
  javascript: ["#ecc0b4", "#6e4136"],
};
const MULTITHREADED: Color = ["#6f1d0e", "#f9c9b8"];
const COMPETITORS: Color = ["#8f8a7e", "#7d786b"];

/**
 * Throughput by case, as SVG. Only ratios carry over from one run to another, so a competitor's bar is our throughput
 * divided by the measured ratio.
 */
export function speedChart(report: Report, peers: PeersReport | undefined): string {
  const groups = CASES.map((spec) => groupOf(spec, report.results, peers?.ratios ?? [])).filter(
    ({ bars }) => bars.length > 0,
  );
  const captions = [
    `${describeMachine(report)}. One thread unless stated.`,
    "Whole training steps (forward, loss, backward, clipping, optimizer), generation with sampling, or predictions at every step.",
    "B sequences of T tokens, H hidden units.",
  ];
  if (peers)
    captions.push(
      "Competitors: our throughput divided by the median ratio, measured in interleaved rounds on one core (npm run bench:peers).",
    );
  return barChart(groups, "Speed of lstm-wasm", "tokens per second, logarithmic", captions);
}

function groupOf(spec: Case, results: readonly Result[], ratios: readonly Ratio[]): BarGroup {
  const own = results.filter((result) => result.case === spec.name);
  // Thread counts above one are shown for the first backend only, the fastest.
  const shown = own.filter(({ threads, backend }) => threads === 1 || backend === own[0]!.backend);
  const bars = shown
    .sort((a, b) => b.threads - a.threads)
    .map(
      ({ backend, threads, tokensPerSecond }): Bar => ({
        label: threads > 1 ? `${backend}, ${threads} threads` : backend,
        value: tokensPerSecond,
        color: threads > 1 ? MULTITHREADED : COLORS[backend],
      }),
    );
  const competitors = new Map<string, Bar>();
  for (const { case: name, competitor, title, backend, threads, ratio } of ratios) {
    const base = own.find((result) => result.backend === backend && result.threads === 1);
    if (name !== spec.name || threads !== 1 || !base || competitors.has(competitor)) continue;
    competitors.set(competitor, { label: title, value: base.tokensPerSecond / ratio, color: COMPETITORS });
  }
  const slowestLast = [...competitors.values()].sort((a, b) => b.value - a.value);
  return { title: spec.name, detail: detailOf(spec), bars: [...bars, ...slowestLast] };
}

function detailOf({ batchSize, hiddenSize, layers, training, prediction }: Case): string {
  const size = `H = ${hiddenSize}${layers > 1 ? `, ${layers} layers` : ""}`;
  const batch = training ?? prediction;
  if (!batch) return `generation, ${size}`;
  return `${training ? "training" : "prediction"}, B = ${batchSize}, T = ${batch.sequenceLength}, ${size}`;
}
