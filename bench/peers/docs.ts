import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "#lstm/cli/write.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { describeMachine } from "../common/machine.js";
import { replaceSection } from "../report/markdown.js";
import type { PeersReport } from "../report/peers-report.js";
import { comparisonTable } from "./comparison-table.js";
import { lengthsTable } from "./lengths-table.js";
import { ratioTable } from "./table.js";

/** Writes a report's tables into the documents of a checkout. */
export async function writeDocs(report: PeersReport, root: string): Promise<void> {
  const machine = describeMachine(report);
  const asText = (table: string) => `\`\`\`text\n${machine}\n\n${table}\`\`\``;
  const sections = report.lengths
    ? [["docs/results.md", "bench:peers --lengths", asText(lengthsTable(report))] as const]
    : [
        ["docs/comparison.md", "bench:peers", `${machine}:\n\n${comparisonTable(report)}`] as const,
        ["docs/results.md", "bench:peers", asText(ratioTable(report, availableBackends()))] as const,
      ];
  for (const [name, section, content] of sections) {
    const path = join(root, name);
    await writeWhole(path, replaceSection(await readFile(path, "utf8"), section, content));
  }
}
