/** Takes the focus from a button that is about to go to the one that moves the run. */
export function focusOnPrimary(button: HTMLElement): void {
  button.closest("[role=tabpanel]")?.querySelector<HTMLElement>("button.primary")?.focus();
}
