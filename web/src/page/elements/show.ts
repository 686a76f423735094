/** A foreign text in quotation marks, cut short, without characters that change how the page is laid out. */
export const show = (text: string): string =>
  `“${text.slice(0, 40).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD")}${text.length > 40 ? "…" : ""}”`;
