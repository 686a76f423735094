import { type Bar, barChart, type Group } from "./bars.js";
import { CASES, type Case } from "./cases.js";
import { describeMachine } from "./machine.js";
import type { Result } from "./measure.js";
import type { PeersReport, Ratio } from "./peers/report.js";
import type { Report } from "./report.js";

const COLORS = { "relaxed-simd": "#1f6feb", simd: "#79b8ff", javascript: "#bcdcff" };
const SEVERAL_THREADS = "#0a3069";
const OTHERS = "#d4a72c";

/**
 * Throughput by case, as an SVG picture. Others stand at our throughput divided by their ratio to it, since only a ratio
 * holds between two runs.
 */
export function picture(report: Report, peers: PeersReport | undefined): string {
  const groups = CASES.map((spec) => groupOf(spec, report.results, peers?.ratios ?? [])).filter(
    ({ bars }) => bars.length > 0,
  );
  const captions = [
    `${describeMachine(report)}. One thread where nothing else is said.`,
    "Whole training steps (forward, loss, backward, clipping, optimiser), or writing with a draw for every token.",
    "B sequences of T tokens, H hidden units.",
  ];
  if (peers)
    captions.push(
      "Others: our figure divided by the median ratio of both, in turns on one core (npm run bench:peers).",
    );
  return barChart(groups, "Speed of lstm-wasm", "tokens per second, logarithmic", captions);
}

function groupOf(spec: Case, results: readonly Result[], ratios: readonly Ratio[]): Group {
  const own = results.filter((result) => result.case === spec.name);
  // Several threads are shown for the first backend alone, the fastest.
  const shown = own.filter(({ threads, backend }) => threads === 1 || backend === own[0]!.backend);
  const bars = shown
    .sort((a, b) => b.threads - a.threads)
    .map(
      ({ backend, threads, tokensPerSecond }): Bar => ({
        label: threads > 1 ? `${backend}, ${threads} threads` : backend,
        value: tokensPerSecond,
        color: threads > 1 ? SEVERAL_THREADS : COLORS[backend],
      }),
    );
  const rivals = new Map<string, Bar>();
  for (const { case: name, rival, title, backend, ratio } of ratios) {
    const base = own.find((result) => result.backend === backend && result.threads === 1);
    if (name !== spec.name || !base || rivals.has(rival)) continue;
    rivals.set(rival, { label: title, value: base.tokensPerSecond / ratio, color: OTHERS });
  }
  const others = [...rivals.values()].sort((a, b) => b.value - a.value);
  return { title: spec.name, detail: detailOf(spec), bars: [...bars, ...others] };
}

function detailOf({ batchSize, hiddenSize, layers, training }: Case): string {
  const size = `H = ${hiddenSize}${layers > 1 ? `, ${layers} layers` : ""}`;
  if (!training) return `writing token by token, ${size}`;
  return `training, B = ${batchSize}, T = ${training.sequenceLength}, ${size}`;
}
