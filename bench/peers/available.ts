import { COMPETITORS, type CompetitorName } from "../cases/competitors.js";
import { BenchProcess } from "./bench-process.js";
import { installCompetitors } from "./install.js";
import { COMPETITORS_FOLDER, programOf } from "./program.js";

/**
 * The competitors that run here, with their versions.
 *
 * @param onSkip is called for those that do not, with the reason
 */
export async function availableCompetitors(
  names: readonly CompetitorName[],
  onSkip: (name: CompetitorName, reason: string) => void,
): Promise<Map<CompetitorName, string>> {
  const versions = new Map<CompetitorName, string>();
  const requested = COMPETITORS.filter(({ name }) => names.includes(name));
  const needsPackages = requested.some(({ language }) => language === "node");
  const failure = needsPackages ? installCompetitors(COMPETITORS_FOLDER) : undefined;
  for (const competitor of requested) {
    try {
      if (competitor.language === "node" && failure !== undefined) throw new Error(failure);
      versions.set(competitor.name, await BenchProcess.versionOf(programOf(competitor)));
    } catch (error) {
      onSkip(competitor.name, (error as Error).message);
    }
  }
  return versions;
}
