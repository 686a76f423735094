// Fetched by `load` for a file with the state of a run. A file of its own: `save` imports training.js at once, and bundlers
// warn of what is imported both ways.
export { checkTraining, readTraining } from "./training.js";
