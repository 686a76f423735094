/** A fenced code block. */
export interface Block {
  /** The first word after the fence, or nothing. */
  readonly language: string;
  /** The second: the file that the block is. */
  readonly file: string | undefined;
  readonly code: string;
}

/** The code blocks of a text in Markdown. */
export function blocksOf(markdown: string): Block[] {
  const fences = markdown.matchAll(/^```(\S*)(?: +(\S+))?\n(.*?)^```$/gms);
  return [...fences].map(([, language, file, code]) => ({ language: language!, file, code: code! }));
}
