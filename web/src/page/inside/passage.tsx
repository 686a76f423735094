import { memo } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import { keyMove } from "./key-move.js";

interface PassageProps {
  readonly tokens: readonly string[];
  /** From −8 to 8 at each token: how strongly it is shaded, in which of two colors. */
  readonly levels: Int8Array;
  /** The token that is looked at. */
  readonly cursor: number;
  readonly onCursor: (cursor: number) => void;
  /** What there is to say about a token, for a screen reader. */
  readonly describe: (cursor: number) => string;
}

/** A shaded passage. A token is chosen by pointing, tapping or with the arrow keys. */
export function Passage({ tokens, levels, cursor, onCursor, describe }: PassageProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const chosen = box.current?.querySelector(`[data-at="${cursor}"]`);
    chosen?.classList.add("chosen");
    return () => chosen?.classList.remove("chosen");
  });
  const point = ({ target }: Event) => {
    const at = (target as HTMLElement).dataset?.["at"];
    if (at !== undefined && Number(at) !== cursor) onCursor(Number(at));
  };
  return (
    <div
      class="passage"
      ref={box}
      dir="auto"
      role="slider"
      tabIndex={0}
      aria-label="Character of the passage"
      aria-valuemin={0}
      aria-valuemax={tokens.length - 1}
      aria-valuenow={cursor}
      aria-valuetext={describe(cursor)}
      onPointerMove={point}
      onPointerDown={point}
      onKeyDown={(event) => {
        const next = keyMove(event, cursor, tokens.length, 10);
        if (next !== undefined) onCursor(next);
      }}
    >
      <Tokens tokens={tokens} levels={levels} />
    </div>
  );
}

/** Apart from the cursor, which moves far more often. */
const Tokens = memo(({ tokens, levels }: Pick<PassageProps, "tokens" | "levels">) => (
  <>
    {tokens.map((token, at) => (
      <span key={at} data-at={at} class={`token level${levels[at]}${token.includes("\n") ? " break" : ""}`}>
        {token}
      </span>
    ))}
  </>
));
