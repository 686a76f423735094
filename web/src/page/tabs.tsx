import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly title: string; readonly content: () => ComponentChildren }[];
}

/** Tabs that arrow keys move between. What is on one stays as it is while another is shown. */
export function Tabs({ label, tabs }: TabsProps) {
  const [chosen, setChosen] = useState(0);
  const [seen, setSeen] = useState<readonly number[]>([0]);
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);
  const choose = (index: number) => {
    setChosen(index);
    if (!seen.includes(index)) setSeen([...seen, index]);
  };
  const move = (event: KeyboardEvent) => {
    const { length } = tabs;
    const targets: Record<string, number> = {
      ArrowRight: (chosen + 1) % length,
      ArrowLeft: (chosen + length - 1) % length,
      Home: 0,
      End: length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    choose(target);
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
            aria-selected={i === chosen}
            tabIndex={i === chosen ? 0 : -1}
            ref={(element) => {
              buttons.current[i] = element;
            }}
            onClick={() => choose(i)}
            onKeyDown={move}
          >
            {title}
          </button>
        ))}
      </div>
      {tabs.map(({ title, content: Content }, i) => (
        <div key={title} role="tabpanel" id={`panel-${i}`} aria-labelledby={`tab-${i}`} hidden={i !== chosen}>
          {seen.includes(i) && <Content />}
        </div>
      ))}
    </>
  );
}
