import { type Backend, BackendError, type Model } from "lstm-wasm";

/** A model, and why another backend computes than was asked for. */
export interface Made {
  readonly model: Model;
  readonly note?: string;
}

/** Makes a model with the fastest kernels, or with plain JavaScript where WebAssembly cannot be loaded. */
export async function withFallback(
  wanted: Backend | "auto" | undefined,
  make: (backend: Backend | "auto") => Promise<Model>,
): Promise<Made> {
  try {
    return { model: await make(wanted ?? "auto") };
  } catch (error) {
    if (!(error instanceof BackendError) || (wanted !== undefined && wanted !== "auto")) throw error;
    const model = await make("javascript");
    return { model, note: `WebAssembly cannot be used here, so plain JavaScript computes, slower. (${error.message})` };
  }
}
