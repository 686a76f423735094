import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

interface TabsProps {
  readonly label: string;
  /** The index of the tab that is shown. */
  readonly selected: number;
  readonly onSelect: (index: number) => void;
  readonly tabs: readonly { readonly title: string; readonly content: (props: object) => ComponentChildren }[];
}

/** Tabs with arrow-key navigation. A tab's content mounts when it is first shown, and keeps its state when hidden. */
export function Tabs({ label, tabs, selected, onSelect }: TabsProps) {
  const mounted = useRef(new Set<number>());
  mounted.current.add(selected);
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);
  const move = (event: KeyboardEvent) => {
    const { length } = tabs;
    const targets: Record<string, number> = {
      ArrowRight: (selected + 1) % length,
      ArrowLeft: (selected + length - 1) % length,
      Home: 0,
      End: length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    onSelect(target);
    buttons.current[target]?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label}>
        {tabs.map(({ title }, i) => (
          <button
            key={title}
            type="button"
            role="tab"
            id={`tab-${i}`}
            aria-controls={`panel-${i}`}
            aria-selected={i === selected}
            tabIndex={i === selected ? 0 : -1}
            ref={(element) => {
              buttons.current[i] = element;
            }}
            onClick={() => onSelect(i)}
            onKeyDown={move}
          >
            {title}
          </button>
        ))}
      </div>
      {tabs.map(({ title, content: Content }, i) => (
        <div key={title} role="tabpanel" id={`panel-${i}`} aria-labelledby={`tab-${i}`} hidden={i !== selected}>
          {mounted.current.has(i) && <Content />}
        </div>
      ))}
    </>
  );
}
