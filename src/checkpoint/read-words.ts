// Fetched by `load` for a file with a vocabulary of words, as read-training.ts.
export { vocabularyFrom } from "../data/vocabulary-from.js";
