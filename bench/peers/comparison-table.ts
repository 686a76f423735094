import { CASES, type Case } from "../cases/cases.js";
import { COMPETITORS, type CompetitorName } from "../cases/competitors.js";
import { markdownTable } from "../report/markdown.js";
import type { PeersReport } from "../report/peers-report.js";
import { count } from "../report/table.js";

/** The ones that most cases can be compared with. */
const SHOWN: readonly CompetitorName[] = ["pytorch", "onnxruntime", "onnxruntime-web", "tfjs-wasm"];

/**
 * Tokens per second of our faster backend, and how many times those of each competitor on one thread they are, as Markdown.
 * docs/results.md also has the competitors on several threads.
 */
export function comparisonTable({ results, ratios }: PeersReport): string {
  const backend = ratios[0]?.backend;
  const compared = ratios.filter((ratio) => ratio.backend === backend);
  const threads = [...new Set(compared.map((ratio) => ratio.threads))];
  const alone = compared.filter((ratio) => ratio.threads === threads[0]);
  const competitors = COMPETITORS.filter(
    ({ name }) => SHOWN.includes(name) && alone.some(({ competitor }) => competitor === name),
  ).map(({ name, title }) => {
    const version = results.find(({ implementation }) => implementation === name)?.version ?? "";
    return { name, title: `${title} ${shortVersion(version)}` };
  });
  const head = [
    "",
    "tokens/s",
    ...threads.slice(1).map((n) => `${n} threads`),
    ...competitors.map(({ title }) => title),
  ];
  const rows = CASES.filter(({ name }) => compared.some((ratio) => ratio.case === name)).map((spec) => [
    describe(spec),
    ...threads.map((n) => {
      const own = results.find((r) => r.case === spec.name && r.implementation === backend && r.threads === n);
      return own ? count(own.tokensPerSecond) : "";
    }),
    ...competitors.map(({ name }) => {
      const found = alone.find((r) => r.case === spec.name && r.competitor === name);
      return found ? `${times(found.ratio)} ×` : "";
    }),
  ]);
  return markdownTable(head, rows);
}

/** Without what identifies a build. */
const shortVersion = (version: string): string => version.split(".", 2).join(".");

/** Two or three digits: 0.63, 1.4, 17, 1200. */
function times(ratio: number): string {
  if (ratio >= 100) return String(Number(ratio.toPrecision(2)));
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(ratio >= 2 ? 1 : 2);
}

function describe({
  batchSize,
  vocabularySize,
  embeddingSize,
  hiddenSize,
  layers,
  training,
  prediction,
}: Case): string {
  const units = `${layers > 1 ? `${layers} × ` : ""}${hiddenSize} units`;
  const batch = training ?? prediction;
  if (!batch) return `generation, ${units}`;
  const tokens = embeddingSize ? `words of ${count(vocabularySize)}` : "characters";
  return `${training ? "training" : "prediction"}, ${batchSize} × ${batch.sequenceLength} ${tokens}, ${units}`;
}
