import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

type Component<Props extends object> = (props: Props) => ComponentChildren;

/** A component whose code is fetched when it is first shown. */
export function deferred<Props extends object>(load: () => Promise<Component<Props>>): Component<Props> {
  return function Deferred(props) {
    const [loaded, setLoaded] = useState<{ Content: Component<Props> } | undefined>(undefined);
    useEffect(() => {
      load().then((Content) => setLoaded({ Content }));
    }, []);
    return loaded && <loaded.Content {...props} />;
  };
}
