import { defineConfig } from "vitest/config";

// Node before 22 runs relaxed SIMD behind a flag; later ones refuse the flag.
const flags = Number.parseInt(process.versions.node, 10) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/web/build.ts",
    pool: "forks",
    // By default one core is left alone, which on two of them doubles the time.
    maxWorkers: "100%",
    execArgv: ["--expose-gc", ...flags],
    testTimeout: 30_000,
  },
});
