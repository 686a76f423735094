import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NOT_FETCHED } from "../../common/failure.js";

type Component<Props extends object> = (props: Props) => ComponentChildren;

const NotFetched = () => (
  <p class="error" role="alert">
    {NOT_FETCHED}
  </p>
);

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
      load().then(
        (Content) => setLoaded({ Content }),
        () => setLoaded({ Content: NotFetched }),
      );
    }, []);
    const { Content } = loaded ?? { Content: Meanwhile };
    return <Content {...props} />;
  };
}
