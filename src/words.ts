/**
 * Vocabularies of words, in place of characters: import them from `lstm-wasm/words`, beside `lstm-wasm`.
 *
 * @module lstm-wasm/words
 */

export { vocabularyFrom } from "./data/vocabulary-from.js";
export type { WordDescription, WordOptions, WordSplitting } from "./data/words.js";
export { WORD_OPTIONS, WordVocabulary, words } from "./data/words.js";
