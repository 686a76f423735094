import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

type Component<Props extends object> = (props: Props) => ComponentChildren;

/**
 * A component whose code is fetched when it is first shown.
 *
 * @param Meanwhile stands in its place until then
 */
export function deferred<Props extends object>(
  load: () => Promise<Component<Props>>,
  Meanwhile: Component<Props> = () => undefined,
): Component<Props> {
  return function Deferred(props) {
    const [loaded, setLoaded] = useState<{ Content: Component<Props> } | undefined>(undefined);
    useEffect(() => {
      load().then((Content) => setLoaded({ Content }));
    }, []);
    const { Content } = loaded ?? { Content: Meanwhile };
    return <Content {...props} />;
  };
}
