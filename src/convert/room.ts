import { ConversionError } from "./conversion-error.js";

/** Bytes that may be made of each of a file's, and of any file: what was not written to deceive has fewer. */
const EACH = 4;
const ANY = 2 ** 24;

/**
 * How many bytes may be made of a file that packs them: archives whose files lie on top of one another, and what is mostly zeros,
 * claim thousands for each.
 */
export class Room {
  private left: number;

  /** @param fileSize bytes */
  constructor(private readonly fileSize: number) {
    this.left = EACH * fileSize + ANY;
  }

  /** @throws ConversionError, of the part of the file that wants them, for more bytes than may be made */
  take(bytes: number, part: string): void {
    if (!(bytes <= this.left))
      throw new ConversionError(
        part,
        `${bytes} bytes, with which the file would become more than ${EACH} times as large as its ${this.fileSize} bytes: ` +
          "save it without compression",
      );
    this.left -= bytes;
  }
}
