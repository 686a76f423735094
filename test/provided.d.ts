import "vitest";

declare module "vitest" {
  /** What vitest.config.ts tells the tests. */
  interface ProvidedContext {
    /** In a page: whether it is served with the headers that isolate it from other origins, so that it may share memory. */
    isolated: boolean;
    /** Whether FULL=1 asks for all that the tests can do. */
    full: boolean;
    /** How many files to damage: the environment variable FUZZ_RUNS, or 0. */
    fuzzRuns: number;
  }
}
