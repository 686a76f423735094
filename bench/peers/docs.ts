import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "#lstm/cli/write.js";
import { availableBackends } from "#lstm/kernels/select.js";
import { describeMachine } from "../common/machine.js";
import { replaceSection } from "../report/markdown.js";
import type { PeersReport } from "../report/peers-report.js";
import { readmeTable } from "./readme-table.js";
import { ratioTable } from "./table.js";

const SECTION = "bench:peers";

/** Writes a report's tables into the documents of a checkout. */
export async function writeDocs(report: PeersReport, root: string): Promise<void> {
  const sections = {
    "README.md": `${describeMachine(report)}:\n\n${readmeTable(report)}`,
    "docs/results.md": `\`\`\`text\n${describeMachine(report)}\n\n${ratioTable(report, availableBackends())}\`\`\``,
  };
  for (const [name, content] of Object.entries(sections)) {
    const path = join(root, name);
    await writeWhole(path, replaceSection(await readFile(path, "utf8"), SECTION, content));
  }
}
