const warned = new Set<string>();

/** Tells whoever watches the console something that is no error, once. */
export function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  console.warn(`lstm-wasm: ${message}`);
}
