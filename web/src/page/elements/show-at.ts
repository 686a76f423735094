/** Brings a message into view: below the fold it would not be read. */
export const showAt = (element: HTMLElement | null): void => element?.scrollIntoView({ block: "nearest" });
