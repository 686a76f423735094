import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { serviceWorker } from "./offline.js";

/** Headers that let the page share memory between threads. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  // Relative URLs, so that the built files work from any folder.
  base: "./",
  resolve: { alias: { "#option-help": fileURLToPath(new URL("../build/option-help.js", import.meta.url)) } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  plugins: [serviceWorker(fileURLToPath(new URL("src/offline/service-worker.js", import.meta.url)))],
  build: {
    outDir: "../build/web",
    emptyOutDir: true,
    target: "es2023",
    // A strict Content-Security-Policy allows the page's own files, and no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The worker's chunk holds the whole library, presets and JavaScript kernels included.
    chunkSizeWarningLimit: 1000,
  },
  server: { host: "127.0.0.1", headers: ISOLATION, fs: { allow: [".."] } },
  preview: { host: "127.0.0.1", headers: ISOLATION },
});
