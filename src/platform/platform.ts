/** The builds of `assembly/`: one for each WebAssembly backend, and the same on memory that threads share. */
export type Build = "simd" | "simd-shared" | "relaxed-simd" | "relaxed-simd-shared";

/** What differs between hosts. `node.ts` and `browser.ts` export this; package.json chooses, as `#platform`. */
export interface Platform {
  /** The bytes of a build, which lies two folders up from the platform's file, in `build/`. */
  readModule(build: Build): Promise<Uint8Array<ArrayBuffer>>;
  /** How many threads can compute at once. */
  availableThreads(): number;
  /** Whether memory can be shared between threads. */
  canShareMemory(): boolean;
  /**
   * Starts a thread of `threads/`. It does not keep the process alive.
   *
   * @param duty what it is told first
   * @param onFailure called where the thread ends before it is told to
   * @returns once the thread is ready, what ends it
   * @throws where it cannot start
   */
  startThread(duty: object, onFailure: (cause: unknown) => void): Promise<() => void>;
}
