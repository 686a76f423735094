/** `Uint8Array<ArrayBuffer>`, or `Uint8Array` for a TypeScript before 5.7, which knows no other. */
export type Bytes = ReturnType<Uint8ArrayConstructor["of"]>;

/** Bytes that are read in pieces, such as those of an open file. They must not change meanwhile. */
export interface ByteSource {
  /** How many there are. */
  readonly size: number;
  /** Those from `offset` on, `length` of them. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
}
