import "vitest";

declare module "vitest" {
  /** What vitest.config.ts tells the tests. */
  interface ProvidedContext {
    /** In a page: whether its headers isolate it from other origins, so that it may share memory. */
    isolated: boolean;
    /** The browser that tests of pages start: see test/hosts/tested-browser.ts. */
    browser: "Chromium" | "Firefox";
    /** Whether the environment variable FULL is 1. */
    full: boolean;
    /** How many files to damage: the environment variable FUZZ_RUNS, or 0. */
    fuzzRuns: number;
    /** The seed of the first of them. */
    fuzzFrom: number;
  }
}
