/** Moves the focus from a button that is about to disappear to the tab's primary button. */
export function focusPrimary(button: HTMLElement): void {
  button.closest("[role=tabpanel]")?.querySelector<HTMLElement>("button.primary")?.focus();
}
