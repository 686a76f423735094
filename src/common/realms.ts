/**
 * Whether a value belongs to a built-in class, in any realm: `instanceof` fails across frames, vm contexts and jsdom.
 */
export const isA = (value: unknown, name: string): boolean =>
  Object.prototype.toString.call(value) === `[object ${name}]`;

/** Whether a value is an array of tokens. */
export const isTokens = (value: unknown): value is Int32Array => isA(value, "Int32Array");
