// Whether a script was started itself, or is only imported. Imports only Node's own modules.
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @param {string} url the module's `import.meta.url`, in which links are resolved, as they are not in the command line */
export function isMain(url) {
  const [, script] = process.argv;
  return script !== undefined && existsSync(script) && realpathSync(script) === fileURLToPath(url);
}
