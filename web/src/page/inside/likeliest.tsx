import type { Insight } from "../../common/insight.js";
import { bits, chance } from "../elements/format.js";
import { nounOf, shownToken } from "./shown-token.js";

/** What the model expected in the place of a token, and what came. */
export function Likeliest({ insight, cursor }: { readonly insight: Insight; readonly cursor: number }) {
  const { tokens, surprisal, likeliest } = insight;
  const surprise = surprisal[cursor]!;
  const came = tokens[cursor]!;
  if (Number.isNaN(surprise))
    return <p class="quiet">{nounOf(came)} is the first: before it, the model has read nothing.</p>;
  const { width } = likeliest;
  const from = cursor * width;
  return (
    <div class="likeliest" data-testid="likeliest">
      <p>
        The model gave <strong>{nounOf(came)}</strong> a probability of {chance(2 ** -surprise)}: a surprise of{" "}
        {bits(surprise)}.
      </p>
      <p class="quiet">What it expected here</p>
      <ol>
        {likeliest.tokens.slice(from, from + width).map((token, rank) => {
          const probability = likeliest.probabilities[from + rank]!;
          return (
            <li key={rank} class={isSame(token, came) ? "came" : ""}>
              <span class="glyph">{shownToken(token)}</span>
              <meter min={0} max={1} value={probability} aria-hidden="true" />
              <span>{chance(probability)}</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** A word's text in a passage may have a space before it. */
const isSame = (token: string, came: string): boolean => token === came || (token !== "" && token === came.trimStart());
