import { base64, script } from "#embedded";
import type { Files } from "./platform.js";

const bytesOf = (build: keyof typeof base64) => () =>
  Uint8Array.from(atob(base64[build]), (character) => character.charCodeAt(0));

export const builds: Files["builds"] = {
  simd: bytesOf("simd"),
  "simd-shared": bytesOf("simd-shared"),
  "relaxed-simd": bytesOf("relaxed-simd"),
  "relaxed-simd-shared": bytesOf("relaxed-simd-shared"),
  "int8-simd": bytesOf("int8-simd"),
  "int8-relaxed-simd": bytesOf("int8-relaxed-simd"),
};

let url: string | undefined;

export const createWorker: Files["createWorker"] = () => {
  url ??= URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  return new Worker(url, { type: "module" });
};
