import { defineConfig } from "vite";

/** With these the page may share memory between threads. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  // Whatever folder the built files are put into, they find one another.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: "../build/web",
    emptyOutDir: true,
    target: "es2023",
    // A strict policy lets the page fetch its own files, and no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The library's files, presets and kernels among them, are in each of the two workers.
    chunkSizeWarningLimit: 1000,
  },
  server: { host: "127.0.0.1", headers: ISOLATION, fs: { allow: [".."] } },
  preview: { host: "127.0.0.1", headers: ISOLATION },
});
