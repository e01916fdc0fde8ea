// Sigma 1's `action: global`, `reset` and `repeat`, by which documents of a file share keys (R27). Read when importing.
import { isMap, isScalar, type Pair, YAMLMap } from "yaml";
import type { Source } from "./yaml-source.ts";

/**
 * The documents of a file with their shared keys written out. A `global` document's keys stand in every later one
 * until `reset`; a `repeat` document changes the one before it. What a document says itself stands; maps are joined.
 */
export function spreadActions(source: Source, documents: readonly unknown[]): unknown[] {
  const shared: Shared = { keys: undefined, last: undefined };
  return documents.flatMap((node) => {
    if (!isMap(node)) return [node];
    const action = actionOf(node);
    if (action === undefined) {
      shared.last = shared.keys === undefined ? node : joined(shared.keys, node);
      return [shared.last];
    }
    return act(source, shared, { action, node });
  });
}

/** `keys`: what `global` documents share. `last`: the document before, which `repeat` changes. */
type Shared = { keys: YAMLMap | undefined; last: YAMLMap | undefined };

function act(source: Source, shared: Shared, of: { action: string; node: YAMLMap }): YAMLMap[] {
  const own = without(of.node, "action");
  if (of.action === "global") {
    shared.keys = shared.keys === undefined ? own : joined(shared.keys, own);
  } else if (of.action === "reset") shared.keys = undefined;
  else if (of.action !== "repeat") {
    source.fault(of.node, `action is global, reset or repeat, not "${of.action}".`);
  } else if (shared.last === undefined) {
    source.fault(of.node, `"action: repeat" needs a document before it.`);
  } else {
    shared.last = joined(shared.last, own);
    return [shared.last];
  }
  return [];
}

function actionOf(node: YAMLMap): string | undefined {
  const value = node.get("action");
  return value === undefined ? undefined : String(value);
}

const keyOf = ({ key }: Pair): unknown => (isScalar(key) ? key.value : key);

function without(node: YAMLMap, name: string): YAMLMap {
  const map = new YAMLMap(node.schema);
  map.range = node.range;
  map.items = node.items.filter((pair) => keyOf(pair) !== name);
  return map;
}

/** Both maps' keys; where both have one, two maps are joined and else the second's value stands. */
function joined(base: YAMLMap, over: YAMLMap): YAMLMap {
  const map = new YAMLMap(over.schema);
  map.range = over.range;
  map.items = base.items.map((pair) => {
    const own = over.items.find((other) => keyOf(other) === keyOf(pair));
    if (own === undefined) return pair;
    if (!isMap(pair.value) || !isMap(own.value)) return own;
    const both = own.clone();
    both.value = joined(pair.value, own.value);
    return both;
  });
  const known = new Set(base.items.map(keyOf));
  map.items.push(...over.items.filter((pair) => !known.has(keyOf(pair))));
  return map;
}
