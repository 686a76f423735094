const said = new Set<string>();

/** Tells whoever watches the console something that is no error, once. */
export function sayOnce(message: string): void {
  if (said.has(message)) return;
  said.add(message);
  console.warn(`lstm-wasm: ${message}`);
}
