import type { ComponentChildren } from "preact";
import type { CellParts } from "../../common/insight.js";
import { signed } from "../elements/format.js";

const share = (value: number): string => `${Math.round(value * 100)} %`;

interface CellPartsListProps {
  readonly parts: CellParts;
  /** What is read at a step. */
  readonly thing?: string;
}

/** The parts of a unit's cell at a step: what each is, in one sentence, with its number. */
export function CellPartsList({ parts, thing = "character" }: CellPartsListProps) {
  const { input, forget, output, candidate, cell, before, hidden } = parts;
  return (
    <dl class="cell-parts" data-testid="cell-parts">
      <Part name="Forget gate" symbol="f" value={forget}>
        {forget < 0.5 ? "erases: only" : "keeps"} {share(forget)} of what the cell held, {signed(before)}
        {forget < 0.5 ? ", stays." : "."}
      </Part>
      <Part name="Input gate" symbol="i" value={input}>
        lets {share(input)} of the candidate in.
      </Part>
      <Part name="Candidate" symbol="g" value={candidate}>
        is what this {thing} would write into the cell.
      </Part>
      <Part name="Cell state" symbol="c" value={cell}>
        is the memory that is carried on: f·{signed(before)} + i·g.
      </Part>
      <Part name="Output gate" symbol="o" value={output}>
        shows {share(output)} of the cell to the rest of the network.
      </Part>
      <Part name="Hidden state" symbol="h" value={hidden}>
        is what the rest sees: o·tanh c.
      </Part>
    </dl>
  );
}

function Part(props: {
  readonly name: string;
  readonly symbol: string;
  readonly value: number;
  readonly children: ComponentChildren;
}) {
  const { name, symbol, value, children } = props;
  return (
    <div>
      <dt>
        <var>{symbol}</var> {name}
      </dt>
      <dd>
        <strong>{signed(value)}</strong> {children}
      </dd>
    </div>
  );
}
