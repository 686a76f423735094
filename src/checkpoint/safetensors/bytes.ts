/** `Uint8Array<ArrayBuffer>`, or plain `Uint8Array` before TypeScript 5.7. */
export type Bytes = ReturnType<Uint8ArrayConstructor["of"]>;

/** Bytes that are read in pieces, such as those of an open file. They must not change meanwhile. */
export interface ByteSource {
  /** Their number. */
  readonly size: number;
  /** Reads `length` bytes from `offset`. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
}
