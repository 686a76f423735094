/** Put together by rolldown.config.mjs. */
declare module "#embedded" {
  /** The .wasm files. */
  export const base64: Readonly<Record<import("./platform.js").WasmBuild, string>>;
  /** The script of a page's thread, in one piece. */
  export const script: string;
}
