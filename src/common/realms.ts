/**
 * Whether a value is of one of the language's own classes, in whichever realm it was made: `instanceof` does not know those
 * of a frame, of a vm context or of jsdom.
 */
export const isA = (value: unknown, name: string): boolean =>
  Object.prototype.toString.call(value) === `[object ${name}]`;

/** Whether it is tokens. */
export const isTokens = (value: unknown): value is Int32Array => isA(value, "Int32Array");
