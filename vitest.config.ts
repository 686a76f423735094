import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { findChromium } from "./test/hosts/chromium.js";

// Node before 22 runs relaxed SIMD behind a flag; later ones refuse the flag.
const flags = Number.parseInt(process.versions.node, 10) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

/** What only Node has: processes, files, threads that can be counted. All else runs in Chromium too. */
const NODE_ONLY = ["test/{bench,cli,endurance,hosts}/**", "test/**/*.node.test.ts"];
const BROWSER_ONLY = ["test/**/*.browser.test.ts"];

const node: TestProjectConfiguration = {
  extends: true,
  test: {
    name: "node",
    include: ["test/**/*.test.ts"],
    exclude: BROWSER_ONLY,
    pool: "forks",
    execArgv: ["--expose-gc", ...flags],
  },
};

const chromium = findChromium();

function inChromium(name: string, include: string[], isolated: boolean): TestProjectConfiguration {
  const { executablePath, args, env } = chromium!;
  return {
    extends: true,
    server: isolated ? { headers: ISOLATION } : {},
    optimizeDeps: { include: ["@assemblyscript/loader"], noDiscovery: true },
    test: {
      name,
      include,
      exclude: NODE_ONLY,
      provide: { isolated },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        isolate: process.env["ISO"] === "1",
        provider: playwright({
          launchOptions: { executablePath, args: [...args], env: { ...process.env, ...env } as Record<string, string> },
        }),
        instances: [{ browser: "chromium" }],
      },
    },
  };
}

const ISOLATION = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default defineConfig({
  test: {
    attachmentsDir: "build/attachments",
    // By default one core is left alone, which on two of them doubles the time.
    maxWorkers: "100%",
    testTimeout: 30_000,
    provide: { fuzzRuns: Number(process.env["FUZZ_RUNS"] ?? 0) },
    projects: [
      node,
      ...(chromium
        ? [
            inChromium("isolated page", ["test/**/*.test.ts"], true),
            inChromium(
              "plain page",
              ["test/threads/{parts,useful,crew.browser}.test.ts", "test/{train,hamlet}.test.ts"],
              false,
            ),
          ]
        : []),
    ],
  },
});
