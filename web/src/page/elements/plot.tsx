import { useEffect, useRef } from "preact/hooks";
import "./language.js";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useIsDark } from "./media.js";

/** The style sheet's colors in the current theme. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly hairline: string;
  readonly accent: string;
}

interface PlotProps {
  readonly data: uPlot.AlignedData;
  /** The chart's options except its size; called again when the theme changes. */
  readonly options: (palette: Palette) => Omit<uPlot.Options, "width" | "height">;
  /** The text alternative. */
  readonly label: string;
  /** Places on the x axis to mark by a line. */
  readonly marks?: readonly Mark[];
}

/** A place on the x axis. */
export interface Mark {
  readonly x: number;
  readonly color: keyof Palette;
  /** Written beside the line. */
  readonly title?: string;
}

/** A chart that fills its box. Another `options` function makes another chart, so keep it stable. */
export function Plot({ data, options, label, marks = [] }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(data);
  const isDark = useIsDark();
  latest.current = data;
  const marked = useRef(marks);
  marked.current = marks;

  useEffect(() => {
    const element = box.current!;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const palette = paletteOf(element);
    const hooks = {
      draw: [
        (chart: uPlot) => {
          drawMarks(chart, marked.current, palette);
          tellPlace(element.parentElement!, chart);
        },
      ],
    };
    const chart = new uPlot({ ...options(palette), hooks, ...size() }, latest.current, element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
    // A change of theme changes the style sheet's colors.
  }, [options, isDark]);

  useEffect(() => plot.current?.setData(data), [data]);
  const places = marks.map(({ x, title }) => `${x} ${title}`).join();
  useEffect(() => plot.current?.redraw(false), [places]);

  return <div class="plot" ref={box} role="img" aria-label={label} />;
}

/** Tells the style sheet where the lines are drawn, for what stands in line with them. */
function tellPlace({ style }: HTMLElement, { bbox: { left, width } }: uPlot): void {
  style.setProperty("--plot-left", `${left / devicePixelRatio}px`);
  style.setProperty("--plot-width", `${width / devicePixelRatio}px`);
}

function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly Mark[], palette: Palette): void {
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  for (const { x, color, title = "" } of marks) {
    const left = Math.round(valToPos(x, "x", true)) + 0.5;
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.strokeStyle = palette[color];
    ctx.fillStyle = palette[color];
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    const isRight = left > bbox.left + bbox.width / 2;
    ctx.textAlign = isRight ? "right" : "left";
    ctx.fillText(title, left + (isRight ? -5 : 5) * devicePixelRatio, bbox.top + 11 * devicePixelRatio);
  }
  ctx.restore();
}

/** The width of the numbers of an axis, with a gap. */
const NARROWEST = 30;
const PER_CHARACTER = 7;

/** Axes with thin lines and small numbers. Without `x`, dates are written, with the year below. */
export function axes(palette: Palette, x: uPlot.Axis["values"] | undefined, y: uPlot.Axis["values"]): uPlot.Axis[] {
  const common: uPlot.Axis = {
    stroke: palette.muted,
    font: "12px system-ui, sans-serif",
    grid: { stroke: palette.hairline, width: 1 },
    ticks: { show: false },
  };
  return [
    { ...common, grid: { show: false }, gap: 4, size: x ? 26 : 40, space: 70, ...(x ? { values: x } : {}) },
    { ...common, gap: 6, size: widthOf, space: 36, values: y! },
  ];
}

/** As wide as the longest number. */
const widthOf = (_: uPlot, values: readonly (string | null)[] | null): number =>
  Math.max(NARROWEST, 10 + PER_CHARACTER * Math.max(0, ...(values ?? []).map((value) => value?.length ?? 0)));

function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return { ink: color("ink"), muted: color("muted"), hairline: color("hairline"), accent: color("accent") };
}
