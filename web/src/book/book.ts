/// <reference types="vite/client" />
import { given } from "../common/content.js";
import type { GivenContent } from "../common/protocol.js";
import modelUrl from "./romeo-and-juliet.safetensors?url";
import textUrl from "./romeo-and-juliet.txt?url";

// A text long enough to learn from and not by heart, with a model that has been trained on it. CONTRIBUTING.md says how.

export const BOOK_FILE = "romeo-and-juliet.txt";
/** The part at its end that the model has not read. */
export const HELD_OUT = 0.05;

/** Fetches both. @throws Error with a message for the user */
export async function fetchBook(): Promise<{ readonly content: GivenContent; readonly model: File }> {
  const [text, model] = await Promise.all([fetched(textUrl), fetched(modelUrl)]);
  return {
    content: given({ text: await text.text(), file: BOOK_FILE, heldOut: HELD_OUT }),
    model: new File([await model.blob()], "romeo-and-juliet.safetensors"),
  };
}

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url).catch(() => undefined);
  if (response?.ok) return response;
  const status = response ? ` (${response.status})` : "";
  throw new Error(`The play could not be fetched${status}: check the connection, and choose it again.`);
}
