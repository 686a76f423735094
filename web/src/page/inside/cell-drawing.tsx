import type { CellParts } from "../../common/insight.js";
import { signed } from "../elements/format.js";

/** The most that a line is wide, at a gate that is open or a state of 1. */
const WIDEST = 7;
const width = (value: number): number => 1 + WIDEST * Math.min(1, Math.abs(value));
const sign = (value: number): string => (value < 0 ? "minus" : "plus");

/** A cell: the memory flows along the top, past the gates. The thicker a line, the more flows; its color is the sign. */
export function CellDrawing({ parts }: { readonly parts: CellParts }) {
  const { before, forget, input, candidate, cell, output, hidden } = parts;
  const kept = forget * before;
  const added = input * candidate;
  return (
    <svg class="cell-drawing" viewBox="0 0 360 190" role="img" aria-label={describe(parts)}>
      <path class={`flow ${sign(before)}`} d="M8 40H92" stroke-width={width(before)} />
      <path class={`flow ${sign(kept)}`} d="M108 40H182" stroke-width={width(kept)} />
      <path class={`flow ${sign(cell)}`} d="M198 40H352" stroke-width={width(cell)} />
      <path class={`flow ${sign(added)}`} d="M190 92V50" stroke-width={width(added)} />
      <path class={`flow ${sign(candidate)}`} d="M236 150V100H200" stroke-width={width(candidate)} />
      <path class={`flow ${sign(cell)}`} d="M300 40V92" stroke-width={width(Math.tanh(cell))} />
      <path class={`flow ${sign(hidden)}`} d="M308 100H352" stroke-width={width(hidden)} />
      <path class="gate" d="M100 150V50" stroke-width={width(forget)} />
      <path class="gate" d="M190 150V110" stroke-width={width(input)} />
      <path class="gate" d="M300 150V110" stroke-width={width(output)} />
      <Junction x={100} y={40} symbol="×" />
      <Junction x={190} y={40} symbol="+" />
      <Junction x={190} y={100} symbol="×" />
      <Junction x={300} y={100} symbol="×" />
      <Gate x={100} name="f" title="forget" value={forget} />
      <Gate x={185} name="i" title="input" value={input} />
      <Gate x={240} name="g" title="candidate" value={candidate} />
      <Gate x={300} name="o" title="output" value={output} />
      <text x={8} y={24}>
        memory before {signed(before)}
      </text>
      <text x={352} y={24} class="end">
        after {signed(cell)}
      </text>
      <text x={352} y={88} class="end">
        {signed(hidden)}
      </text>
    </svg>
  );
}

function Junction({ x, y, symbol }: { readonly x: number; readonly y: number; readonly symbol: string }) {
  return (
    <g class="junction">
      <circle cx={x} cy={y} r={9} />
      <text x={x} y={y + 5} class="middle">
        {symbol}
      </text>
    </g>
  );
}

function Gate(props: { readonly x: number; readonly name: string; readonly title: string; readonly value: number }) {
  const { x, name, title, value } = props;
  return (
    <g>
      <text x={x} y={164} class="middle value">
        {name} {signed(value)}
      </text>
      <text x={x} y={181} class="middle quiet">
        {title}
      </text>
    </g>
  );
}

const describe = ({ before, forget, input, candidate, cell, output, hidden }: CellParts): string =>
  `Drawing of the cell: the memory was ${signed(before)}; the forget gate ${signed(forget)} keeps part of it, the input gate ` +
  `${signed(input)} adds part of the candidate ${signed(candidate)}, which makes ${signed(cell)}; the output gate ` +
  `${signed(output)} shows ${signed(hidden)}.`;
