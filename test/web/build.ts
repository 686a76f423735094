import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds the page where it is out of date, before any test runs. */
export default function buildPage(): void {
  const script = fileURLToPath(new URL("../../scripts/run.mjs", import.meta.url));
  execFileSync(process.execPath, [script, "build:web"], { stdio: ["ignore", "ignore", "inherit"] });
}
