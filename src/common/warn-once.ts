const warned = new Set<string>();

/** Logs a warning to the console, once per message. */
export function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  console.warn(`lstm-wasm: ${message}`);
}
