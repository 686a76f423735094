import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectConfiguration, type UserWorkspaceConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { launchOptions } from "./test/hosts/browser.js";
import { findChromium, whyNoChromium } from "./test/hosts/chromium.js";
import { findFirefox, firefoxOptions, whyNoFirefox } from "./test/hosts/firefox.js";
import { ISOLATION } from "./test/hosts/serve.js";

// Node before 22 hides relaxed SIMD behind a flag that later versions reject.
const flags = Number.parseInt(process.versions.node, 10) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

/** Whether to run every test and every case of every sweep. Otherwise, those that others nearly imply are skipped. */
const FULL = process.env["FULL"] === "1";
/** Tests that measure time need a quiet machine: only `npm run test:timing` runs them. */
const TIMING = ["test/**/*.timing.test.ts"];
const wantsTiming = process.env["TIMING"] === "1";
/**
 * Engines to run the library's tests of pages in instead of Chromium: `firefox`, the one that was found or, as `webkit`, the one that
 * `npx playwright install` downloads.
 */
const ENGINES = (process.env["ENGINES"] ?? "").split(",").filter(Boolean) as ("firefox" | "webkit")[];
/** Compiles the debug kernels, which only tests use. */
const DEBUG_KERNELS = "test/kernels/build.ts";

/** Browsers, each with how it is started. Vitest changes them: each project needs its own. */
type Instances = { browser: "chromium" | "firefox" | "webkit"; provider: ReturnType<typeof playwright> }[];

/** Packages under test/ have tests of their own. */
const INSTALLED = ["**/node_modules/**"];

// Tests that match none of these lists run on every host.
/** Tests of processes, files, memory and thread counts, and in endurance/ long ones. */
const NODE_ALONE = ["test/{bench,cli,endurance,hosts,web}/**/*.test.ts", "test/**/*.node.test.ts"];
/** Tests that measure their own process, so each file needs one to itself. */
const ISOLATED = ["test/{engine,series}/memory.node.test.ts", "test/endurance/memory.test.ts"];
/** Tests of a page's workers, with and without shared memory. */
const PAGES_ALONE = ["test/**/*.browser.test.ts"];
/** Tests for a page without shared memory, where one thread computes all shards with the other builds. */
const ON_ONE_THREAD = [
  "test/engine/{thread-count,worker-pool.browser}.test.ts",
  "test/training/{data-parallel,train}.test.ts",
  "test/network/{pytorch,values}.test.ts",
];

/** Long tests that hardly depend on the host: pages run them only with FULL=1. */
const ONCE_IS_ENOUGH = FULL
  ? []
  : [
      "test/{checkpoint,classification,data,series,tables}/**/*.test.ts",
      "test/convert/fuzz.test.ts",
      "test/inference/{sample-threads,step-threads}.test.ts",
      "test/assembly/{cut,loss,matmul,optimizer,pinball,rows,squared-error}.test.ts",
      "test/network/{agreement,gradients,pytorch-sequences,sequences,values,variants}.test.ts",
    ];

/** Files that take many seconds, about what shorter ones touch as well: Node runs them only with FULL=1. */
const IN_DETAIL = FULL
  ? []
  : [
      "test/web/{checkpoints,hosts,inside,models,offline,refusals,run-store,screenshots,settings,sharing,storage,teaching}.test.ts",
      "test/endurance/**/*.test.ts",
      "test/{campaign/campaign,distributed/{guide,training},engine/memory,engine/worker,series/memory}.node.test.ts",
      "test/bench/{bench,peers}.test.ts",
      "test/cli/{mpi,paths,troubles}.test.ts",
      "test/hosts/{consumers/{bundlers,package,runtimes},guide,queue/queue}.test.ts",
    ];

/** What people do with the page, and what the library does in a plain one. */
const FIREFOX_TOO = [
  "test/web/{checkpoints,faults,hosts,inside,models,offline,run-store,series,storage,teaching,text}.test.ts",
  "test/hosts/page.test.ts",
  ...(process.env["SITE"] === "1" ? ["test/hosts/site.test.ts"] : []),
];

/** Otherwise the Chromium from npm kills a page whose WebAssembly accesses memory out of bounds, as some tests do. */
const SURVIVE_TRAPS = "--disable-features=WebAssemblyTrapHandler";

/** Slow tests in small files, which would come last without the timings of an earlier run. */
const LONGEST = /test\/(cli|endurance|examples|hosts|web)/;

/** Project by project, because a process is reused only within its project; the longest files first. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const projects = ["node isolated", "node alone", "node"];
    const order = ({ project, moduleId }: TestSpecification) =>
      2 * projects.indexOf(project.name) + (LONGEST.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => order(a) - order(b));
  }
}

const inNode = (
  name: string,
  test: UserWorkspaceConfig["test"],
  alias: { find: string | RegExp; replacement: string }[] = [],
): TestProjectConfiguration => ({
  extends: true,
  resolve: { alias: [COMPILED, ...alias] },
  test: {
    name,
    pool: "forks",
    execArgv: ["--expose-gc", ...flags],
    // A new process for each file would take as long as most files' tests.
    isolate: false,
    server: { deps: { external: [/\/dist\//] } },
    ...test,
  },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page's sources are a package of their own, which need not be installed: these are their imports. */
const PAGE_IMPORTS = [
  { find: /^lstm-wasm$/, replacement: here("dist/bundle/node.js") },
  ...["inspect", "presets", "stream", "words", "classify", "convert", "forecast"].map((entry) => ({
    find: `lstm-wasm/${entry}`,
    replacement: here(`dist/bundle/${entry}.js`),
  })),
  { find: "#option-help", replacement: here("build/option-help.js") },
];

/**
 * In Node, tests import the compiled sources, natively. Vite would turn each use of an import into a property lookup, which
 * doubles the time of the JavaScript kernels.
 */
const COMPILED = { find: /^(?:\.\.\/)+src\/(.*\.js)$/, replacement: `${here("dist")}/$1` };

const NODE = [
  inNode("node", {
    include: ["test/**/*.test.ts"],
    exclude: [...PAGES_ALONE, ...NODE_ALONE, ...TIMING],
    globalSetup: DEBUG_KERNELS,
  }),
  inNode(
    "node alone",
    {
      include: NODE_ALONE,
      exclude: [...ISOLATED, ...TIMING, ...INSTALLED, ...IN_DETAIL],
      // All of them together, three at a time, make a page or an MPI job wait longer than a test does. A retry is reported.
      retry: FULL ? 2 : 0,
      globalSetup: [DEBUG_KERNELS, "test/web/build.ts"],
      provide: { browser: "Chromium" },
    },
    PAGE_IMPORTS,
  ),
  inNode("node isolated", { include: ISOLATED, exclude: IN_DETAIL, isolate: true }),
];

/** Visits to pages in a Firefox: the files that do so in Chromium. */
const IN_FIREFOX = inNode(
  "Firefox",
  {
    include: FIREFOX_TOO,
    exclude: TIMING,
    retry: FULL ? 2 : 0,
    // It starts within two seconds on a quiet machine.
    hookTimeout: 60_000,
    globalSetup: [DEBUG_KERNELS, "test/web/build.ts"],
    provide: { browser: "Firefox" },
  },
  PAGE_IMPORTS,
);

/** The library's own tests, within a page of a browser. */
function inPage(name: string, isolated: boolean, include: string[], instances: Instances): TestProjectConfiguration {
  return {
    extends: true,
    server: { headers: isolated ? ISOLATION : {} },
    // Otherwise Vite would discover it during the tests and reload the pages.
    optimizeDeps: { include: ["@assemblyscript/loader", "papaparse", "fflate", "jsfive", "pbf"], noDiscovery: true },
    test: {
      name,
      include,
      exclude: [...NODE_ALONE, ...ONCE_IS_ENOUGH, ...TIMING],
      globalSetup: DEBUG_KERNELS,
      provide: { isolated },
      browser: {
        enabled: true,
        headless: true,
        // A new page for each file would double the time.
        isolate: false,
        // The Node projects keep the other cores busy.
        fileParallelism: false,
        screenshotFailures: false,
        provider: playwright(),
        instances,
      },
    },
  };
}

const chromium = ENGINES.length > 0 ? undefined : findChromium();
/** Without FULL=1, Firefox is started only where it is asked for. */
const wantsFirefox = FULL || ENGINES.includes("firefox") || [process.env["FIREFOX"], process.env["SITE"]].some(Boolean);
const firefox = wantsFirefox ? findFirefox() : undefined;
// This file is evaluated twice: for the run, and for the projects that extend it.
const REPORTED = Symbol.for("vitest.config.ts");
if (ENGINES.length === 0 && !(REPORTED in globalThis)) {
  if (!chromium) console.error(`SKIPPED the tests in Chromium: ${whyNoChromium()}`);
  if (!firefox)
    console.error(`SKIPPED the tests in Firefox: ${FULL ? whyNoFirefox() : "FULL=1 or FIREFOX asks for them"}`);
}
Object.assign(globalThis, { [REPORTED]: true });

function projects(): TestProjectConfiguration[] {
  if (wantsTiming)
    return [
      inNode("timing", {
        include: TIMING,
        fileParallelism: false,
        isolate: true,
        globalSetup: "test/web/build.ts",
        provide: { browser: "Chromium" },
      }),
    ];
  if (ENGINES.length > 0) {
    const instances = () =>
      ENGINES.map((browser) => {
        const own = browser === "firefox" && firefox ? { launchOptions: firefoxOptions(firefox) } : {};
        return { browser, provider: playwright(own) };
      });
    return [
      inPage("isolated page", true, ["test/**/*.test.ts"], instances()),
      inPage("plain page", false, ON_ONE_THREAD, instances()),
    ];
  }
  const all = firefox ? [...NODE, IN_FIREFOX] : [...NODE];
  if (chromium) {
    const provider = playwright({ launchOptions: launchOptions(chromium, SURVIVE_TRAPS) });
    const instances = (): Instances => [{ browser: "chromium", provider }];
    all.push(inPage("isolated page", true, ["test/**/*.test.ts"], instances()));
    // Without FULL=1, test/hosts and test/web are what opens pages without shared memory.
    if (FULL) all.push(inPage("plain page", false, ON_ONE_THREAD, instances()));
  }
  return all;
}

export default defineConfig({
  test: {
    attachmentsDir: "build/attachments",
    // One more than the cores, because many tests wait for a process, a page or a timer.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    setupFiles: "test/setup.ts",
    provide: {
      full: FULL,
      fuzzRuns: Number(process.env["FUZZ_RUNS"] ?? 0),
      fuzzFrom: Number(process.env["FUZZ_FROM"] ?? 0),
    },
    projects: projects(),
  },
});
