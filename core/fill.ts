// Puts values into a text of a catalogue.

/** `{count}` is the value, `{count|alert|alerts}` the word that fits it: the first for one, else the second. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(
    /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g,
    (whole, name: string, one: string | undefined, many: string | undefined) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (one === undefined || many === undefined) return String(value);
      return value === 1 || value === "1" ? one : many;
    },
  );
}
