import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

type Component = () => ComponentChildren;

/** A component whose code is fetched when it is first shown. */
export function deferred(load: () => Promise<Component>): Component {
  return function Deferred() {
    const [loaded, setLoaded] = useState<{ Content: Component } | undefined>(undefined);
    useEffect(() => {
      load().then((Content) => setLoaded({ Content }));
    }, []);
    return loaded && <loaded.Content />;
  };
}
