import type { Content, GivenContent, LongContent } from "./protocol.js";

// A text of megabytes costs whoever holds it time at every turn: copied from message to message, compared, measured. So the page
// has the beginning of it alone, and hands the rest on in a blob, which messages do not copy.

/** Characters of a text that the page shows, and the longest that it holds as a whole. */
export const SHOWN = 20_000;

const isLong = (content: GivenContent): content is LongContent => "blob" in content;

/** What the page shows of a text: all of a short one. */
export const beginningOf = (content: GivenContent): string => (isLong(content) ? content.beginning : content.text);

/** Characters of the whole text. */
export const lengthOf = (content: GivenContent): number => (isLong(content) ? content.length : content.text.length);

/** Whether the page holds the beginning alone. */
export const isCut = isLong;

/** A text to be handed over between the page and its worker. */
export function given({ text, ...names }: Content): GivenContent {
  if (text.length <= SHOWN) return { text, ...names };
  // Not between the halves of a character.
  const end = text.codePointAt(SHOWN - 1)! > 0xffff ? SHOWN - 1 : SHOWN;
  return { ...names, blob: new Blob([text]), beginning: text.slice(0, end), length: text.length };
}

/** The whole of a text that was handed over. */
export async function whole(content: GivenContent): Promise<Content> {
  if (!isLong(content)) return content;
  const { blob, beginning: _, length: __, ...names } = content;
  // What looks like a byte order mark here is the text's own.
  return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(await blob.arrayBuffer()), ...names };
}

/** Whether two texts are the same, as far as the page can tell. */
export const areAlike = (one: GivenContent, other: GivenContent): boolean =>
  lengthOf(one) === lengthOf(other) && beginningOf(one) === beginningOf(other);

/** What is another for another text: what depends on it can be compared by. */
export const identityOf = (content: GivenContent): unknown => (isLong(content) ? content.blob : content.text);
