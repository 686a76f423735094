import { Contestant } from "./contestant.js";
import { installRivals } from "./install.js";
import { programOf, RIVALS_FOLDER } from "./program.js";
import { COMPETITORS, type RivalName } from "./rivals.js";

/**
 * The rivals that run here, with their versions.
 *
 * @param drop is told which do not, and why
 */
export async function presentRivals(
  names: readonly RivalName[],
  drop: (rival: RivalName, reason: string) => void,
): Promise<Map<RivalName, string>> {
  const present = new Map<RivalName, string>();
  const wanted = COMPETITORS.filter(({ name }) => names.includes(name));
  const failure = wanted.some(({ language }) => language === "node") ? installRivals(RIVALS_FOLDER) : undefined;
  for (const rival of wanted) {
    try {
      if (rival.language === "node" && failure !== undefined) throw new Error(failure);
      present.set(rival.name, await Contestant.versionOf(programOf(rival, [])));
    } catch (error) {
      drop(rival.name, (error as Error).message);
    }
  }
  return present;
}
