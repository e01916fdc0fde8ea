// What of a provider's raw body may rest with us, by field name wherever it stands; all else goes before it is stored.

/** `storedValue`: gift-card numbers, masked as such and not reported as cards. `"all"` is for events in our own format. */
export type KeptFields = {
  keeps: ReadonlySet<string> | "all";
  storedValue: ReadonlySet<string>;
  /** How a body is opened that is no plain JSON, or holds JSON in a text. Throws SyntaxError. */
  read?: (text: string) => unknown;
};
