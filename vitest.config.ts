import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectConfiguration, type UserWorkspaceConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { launchOptions } from "./test/hosts/browser.js";
import { type Chromium, findChromium, whyNoChromium } from "./test/hosts/chromium.js";
import { ISOLATION } from "./test/hosts/serve.js";

// Node before 22 runs relaxed SIMD behind a flag; later ones refuse the flag.
const flags = Number.parseInt(process.versions.node, 10) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

/** What measures clocks needs a quiet machine, and is left out unless `npm run test:timing` asks for it. */
const TIMING = ["test/**/*.timing.test.ts"];
const wantsTiming = process.env["TIMING"] === "1";
/** Compiles the kernels that check their arguments, which only tests use. */
const DEBUG_KERNELS = "test/kernels/build.ts";

// Whatever is not named here runs on every host.
/** Processes, files, memory and threads that can be counted; and in endurance/ what takes long. */
const NODE_ALONE = ["test/{bench,cli,endurance,hosts,web}/**/*.test.ts", "test/**/*.node.test.ts"];
/** Workers, and pages that may share memory or may not. */
const PAGES_ALONE = ["test/**/*.browser.test.ts"];
/** What a page that may not share memory is tested with: one thread that computes all parts, and each build once more. */
const ON_ONE_THREAD = [
  "test/engine/{thread-count,worker-pool.browser}.test.ts",
  "test/training/{data-parallel,train}.test.ts",
  "test/network/{pytorch,values}.test.ts",
];

/** What depends little on the host and takes long: in pages only with PAGES=all. */
const ONCE_IS_ENOUGH =
  process.env["PAGES"] === "all"
    ? []
    : [
        "test/{checkpoint,data,series}/**/*.test.ts",
        "test/assembly/matmul.test.ts",
        "test/network/{agreement,gradients,values,variants}.test.ts",
      ];

/** The Chromium that npm brings ends a page whose WebAssembly goes beyond its memory, as some tests have it do. */
const SURVIVE_TRAPS = "--disable-features=WebAssemblyTrapHandler";

/** The longest are in small files, which would come last, and alone, where no run before has left its figures. */
const LONGEST = /test\/(cli|endurance|examples|hosts|web)/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = (file: TestSpecification) => (LONGEST.test(file.moduleId) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => order(a) - order(b));
  }
}

const inNode = (
  name: string,
  test: UserWorkspaceConfig["test"],
  resolve: UserWorkspaceConfig["resolve"] = {},
): TestProjectConfiguration => ({
  extends: true,
  resolve,
  test: { name, pool: "forks", execArgv: ["--expose-gc", ...flags], ...test },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the page's sources import by name: they are a package of their own, which need not be installed. */
const PAGE_IMPORTS = [
  { find: /^lstm-wasm$/, replacement: here("dist/bundle/node.js") },
  { find: /^lstm-wasm\/classify$/, replacement: here("dist/bundle/classify.js") },
  { find: /^lstm-wasm\/forecast$/, replacement: here("dist/bundle/forecast.js") },
  { find: "#option-help", replacement: here("build/option-help.js") },
];

const NODE = [
  // As in pages, these files share a process: for each to import all anew would take a third of their time.
  inNode("node", {
    include: ["test/**/*.test.ts"],
    exclude: [...PAGES_ALONE, ...NODE_ALONE, ...TIMING],
    isolate: false,
    globalSetup: DEBUG_KERNELS,
  }),
  inNode(
    "node alone",
    { include: NODE_ALONE, exclude: TIMING, globalSetup: [DEBUG_KERNELS, "test/web/build.ts"] },
    { alias: PAGE_IMPORTS },
  ),
];

function inPage(name: string, isolated: boolean, include: string[], found: Chromium): TestProjectConfiguration {
  return {
    extends: true,
    server: { headers: isolated ? ISOLATION : {} },
    // Otherwise it would be found, and all pages loaded again, in the midst of the tests.
    optimizeDeps: { include: ["@assemblyscript/loader"], noDiscovery: true },
    test: {
      name,
      include,
      exclude: [...NODE_ALONE, ...ONCE_IS_ENOUGH, ...TIMING],
      globalSetup: DEBUG_KERNELS,
      provide: { isolated },
      browser: {
        enabled: true,
        headless: true,
        // A page for each file would take as long again as the tests.
        isolate: false,
        // Node has both cores already.
        fileParallelism: false,
        screenshotFailures: false,
        provider: playwright({ launchOptions: launchOptions(found, SURVIVE_TRAPS) }),
        instances: [{ browser: "chromium" }],
      },
    },
  };
}

const found = findChromium();
// This file is read twice: for the run, and for the projects that extend it.
const SAID = Symbol.for("vitest.config.ts");
if (!found && !(SAID in globalThis)) console.error(`SKIPPED the tests in Chromium: ${whyNoChromium()}`);
Object.assign(globalThis, { [SAID]: true });

export default defineConfig({
  test: {
    attachmentsDir: "build/attachments",
    // By default one core is left alone, which on two of them doubles the time.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    provide: { fuzzRuns: Number(process.env["FUZZ_RUNS"] ?? 0) },
    projects: wantsTiming
      ? [inNode("timing", { include: TIMING, fileParallelism: false, globalSetup: "test/web/build.ts" })]
      : found
        ? [
            ...NODE,
            inPage("isolated page", true, ["test/**/*.test.ts"], found),
            inPage("plain page", false, ON_ONE_THREAD, found),
          ]
        : NODE,
  },
});
