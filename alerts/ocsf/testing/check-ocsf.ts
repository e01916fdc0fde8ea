// Judges a value by the text of the OCSF schema: required attributes, types, enums with their captions, constraints.
import { readFileSync } from "node:fs";
import { join } from "node:path";

type Attribute = {
  requirement: string;
  type: string;
  object_type?: string;
  is_array?: boolean;
  sibling?: string;
  enum?: Record<string, string>;
};
type Shape = {
  constraints: { at_least_one?: string[]; just_one?: string[] } | null;
  attributes: Record<string, Attribute>;
};
type BaseType = { type?: string; regex?: string; range?: [number, number]; max_len?: number };
type Excerpt = {
  version: string;
  class: Shape & { uid: number; category_uid: number };
  objects: Record<string, Shape>;
  types: Record<string, BaseType>;
};

const file = join(import.meta.dirname, "../fixtures/detection-finding-1.5.0.json");
export const ocsf = JSON.parse(readFileSync(file, "utf8")) as Excerpt;

/** Every way in which the value breaks the class, as `path: what`. Attributes that the class does not have are faults too. */
export function faultsOfFinding(value: unknown): string[] {
  return faultsOfShape(ocsf.class, value, "$");
}

function faultsOfShape(shape: Shape, value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${path}: not an object`];
  }
  const given = value as Record<string, unknown>;
  const faults: string[] = [];
  for (const [name, { requirement }] of Object.entries(shape.attributes)) {
    if (requirement === "required" && given[name] === undefined) {
      faults.push(`${path}.${name}: required`);
    }
  }
  const { at_least_one: some, just_one: one } = shape.constraints ?? {};
  const present = (names: string[]) => names.filter((name) => given[name] !== undefined).length;
  if (some !== undefined && present(some) === 0) faults.push(`${path}: none of ${some.join(", ")}`);
  if (one !== undefined && present(one) !== 1) faults.push(`${path}: not one of ${one.join(", ")}`);
  for (const [name, one] of Object.entries(given)) {
    const attribute = shape.attributes[name];
    const here = `${path}.${name}`;
    if (attribute === undefined) faults.push(`${here}: the schema has no such attribute`);
    else
      faults.push(
        ...faultsOfAttribute(attribute, one, here),
        ...siblingFaults(attribute, one, { given, here }),
      );
  }
  return faults;
}

function faultsOfAttribute(attribute: Attribute, value: unknown, path: string): string[] {
  if (!attribute.is_array) return faultsOfOne(attribute, value, path);
  if (!Array.isArray(value)) return [`${path}: not a list`];
  return value.flatMap((one, nth) => faultsOfOne(attribute, one, `${path}[${nth}]`));
}

function faultsOfOne(attribute: Attribute, value: unknown, path: string): string[] {
  if (attribute.type === "object_t") {
    // `object` is any object; others must be in the excerpt, or nobody has looked at them.
    if (attribute.object_type === "object")
      return typeof value === "object" ? [] : [`${path}: not an object`];
    const shape = ocsf.objects[attribute.object_type ?? ""];
    return shape === undefined
      ? [`${path}: not in the excerpt`]
      : faultsOfShape(shape, value, path);
  }
  const faults = faultsOfType(attribute.type, value, path);
  if (attribute.enum !== undefined && !(String(value) in attribute.enum)) {
    faults.push(`${path}: ${String(value)} is not in the enum`);
  }
  return faults;
}

function faultsOfType(name: string, value: unknown, path: string): string[] {
  const type = ocsf.types[name];
  if (type === undefined) return [`${path}: no type ${name}`];
  if (!holdsBase(type.type ?? name, value)) return [`${path}: not a ${name}`];
  const faults: string[] = [];
  if (type.regex !== undefined && !new RegExp(type.regex).test(String(value))) {
    faults.push(`${path}: not of the form of ${name}`);
  }
  if (type.max_len !== undefined && String(value).length > type.max_len) {
    faults.push(`${path}: too long`);
  }
  const [least, most] = type.range ?? [-Infinity, Infinity];
  if (Number(value) < least || Number(value) > most) faults.push(`${path}: out of range`);
  return faults;
}

function holdsBase(base: string, value: unknown): boolean {
  switch (base) {
    case "boolean_t":
      return typeof value === "boolean";
    case "integer_t":
    case "long_t":
      return Number.isSafeInteger(value);
    case "float_t":
      return typeof value === "number" && Number.isFinite(value);
    case "string_t":
      return typeof value === "string";
    case "json_t":
      return value !== undefined;
    default:
      return false;
  }
}

/** `status_id: 1` goes with `status: "New"`. */
function siblingFaults(
  attribute: Attribute,
  value: unknown,
  { given, here }: { given: Record<string, unknown>; here: string },
): string[] {
  const text = attribute.sibling === undefined ? undefined : given[attribute.sibling];
  const caption = attribute.enum?.[String(value)];
  if (text === undefined || caption === undefined || value === 99 || text === caption) return [];
  return [`${here}: ${String(value)} is ${caption}, not ${String(text)}`];
}
