import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findChromium } from "../hosts/chromium.js";
import { findFirefox } from "../hosts/firefox.js";

/** Builds the page before the tests, where it is out of date and there is a browser to test it in. */
export default function buildPage(): void {
  if (!findChromium() && !findFirefox()) return;
  const script = fileURLToPath(new URL("../../scripts/run.mjs", import.meta.url));
  // Vitest sets NODE_ENV to test, and Vite would build what is for tests.
  const env = { ...process.env, NODE_ENV: "production" };
  execFileSync(process.execPath, [script, "build:web"], { stdio: ["ignore", "ignore", "inherit"], env });
}
