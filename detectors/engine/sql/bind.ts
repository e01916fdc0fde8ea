// Values go to ClickHouse as parameters, never as text inside the statement.

/** `bind(value, type)` gives the place of a value in the statement, such as `{p3:String}`; `params` holds them all. */
export type Binder = {
  bind(value: string | number | readonly string[] | readonly number[], type: ParamType): string;
  params: Record<string, unknown>;
};

export type ParamType = "String" | "Int64" | "Float64" | "Array(String)" | "Array(Int64)";

export function newBinder(): Binder {
  const params: Record<string, unknown> = {};
  const known = new Map<string, string>();
  return {
    params,
    bind(value, type) {
      const key = `${type}:${JSON.stringify(value)}`;
      const place = known.get(key);
      if (place !== undefined) return place;
      const name = `p${known.size}`;
      params[name] = value;
      const made = `{${name}:${type}}`;
      known.set(key, made);
      return made;
    },
  };
}

/** Values inside the statement itself, for statements with more values than a request can carry beside them. */
export function literalBinder(): Binder {
  return {
    params: {},
    bind(value) {
      if (typeof value === "number") return String(value);
      return typeof value === "string"
        ? quoted(value)
        : `[${value.map((one) => (typeof one === "number" ? one : quoted(one))).join(", ")}]`;
    },
  };
}

/** ClickHouse's text literal: a backslash takes the next character as it is. */
const quoted = (text: string) => `'${text.replace(/[\\']/g, "\\$&").replaceAll("\0", "\\0")}'`;
