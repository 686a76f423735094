import type { Insight } from "../../common/insight.js";
import type { Run } from "../run/run.js";
import { insightOf } from "./insight.js";
import { passageFor } from "./passage.js";

/** Looks inside a model, while somebody is watching. */
export class Observer {
  isWatching = false;
  private words = "";

  /** @param words to watch the model read; empty for its text */
  watch(isWatching: boolean, words: string): void {
    this.isWatching = isWatching;
    this.words = words;
  }

  /** What the model does with the passage now; undefined if nobody watches, or there is nothing to read. */
  look(run: Run): Insight | undefined {
    if (!this.isWatching || run.kind !== "text" || !run.model.isLanguageModel) return undefined;
    const passage = passageFor(run, this.words);
    return passage && insightOf(run.model, passage.tokens, passage.isHeldOut);
  }
}
