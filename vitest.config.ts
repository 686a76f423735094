import { defineConfig } from "vitest/config";

// Node before 22 runs relaxed SIMD behind a flag; later ones refuse the flag.
const flags = Number.parseInt(process.versions.node, 10) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    execArgv: ["--expose-gc", ...flags],
    testTimeout: 30_000,
  },
});
