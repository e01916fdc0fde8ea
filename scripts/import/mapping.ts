// A mapping file: which columns of an export become which fields of an event. Pure.
import { parseDocument } from "yaml";
import { z } from "zod";
import { didYouMean } from "../../core/did-you-mean.ts";
import { AppError } from "../../core/errors.ts";
import { EVENT_TYPES, FIELD_SPECS } from "../../core/event-fields.ts";
import { contentId } from "../../core/ids.ts";
import { currencyDecimals, isCurrency, parseDecimal } from "../../core/money.ts";
import { isTimeZone, parseIsoTime, zoneOffsetMs } from "../../core/time.ts";

const Ours = z.union([z.string(), z.boolean(), z.null()]);
/**
 * `column`: several are joined by a blank. `values`: what is written in the column → ours, "" leaves the field out, null the
 * row; what is not named there is `otherwise`, and without that refuses the row. `decimal`: sign of decimals.
 */
const Field = z.union([
  z.string(),
  z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) }),
  z.strictObject({
    column: z.union([z.string(), z.array(z.string()).min(1).max(4)]),
    optional: z.boolean().optional().describe("the file may lack the column"),
    values: z.record(z.string(), Ours).optional(),
    otherwise: Ours.optional(),
    format: z.string().optional(),
    zone: z.string().optional(),
    decimal: z.enum([".", ","]).optional(),
    absolute: z.boolean().optional(),
  }),
]);
/** `ask`: what only the merchant knows, by name; stands as "${name}" in the text. `leave_out`: rows in which all of these stand. */
const Shape = z.strictObject({
  about: z.string().optional(),
  source: z.string().optional(),
  ask: z.record(z.string(), z.string()).default({}),
  leave_out: z.array(z.record(z.string(), z.string())).default([]),
  separator: z.string().length(1).default(","),
  event_id: z.array(z.string()).min(1),
  fields: z.record(z.string(), Field),
});

export type Mapping = z.infer<typeof Shape>;
type Column = Extract<z.infer<typeof Field>, { column: unknown }>;
/** An event of our own format; a text: why the row makes none; null: the mapping leaves it out. */
export type Mapped = Record<string, string | number | boolean> | string | null;

/** What a mapping wants to be told, by name. */
export function askedBy(text: string): Readonly<Record<string, string>> {
  const parsed = z.object({ ask: Shape.shape.ask }).safeParse(parseDocument(text).toJS());
  return parsed.success ? parsed.data.ask : {};
}

/** `told`: answers to what it asks. Throws REQUEST_INVALID with every mistake. */
export function readMapping(given: string, told: Readonly<Record<string, string>> = {}): Mapping {
  const text = withAnswers(given, told);
  const document = parseDocument(text, { version: "1.2", schema: "core" });
  const parsed = Shape.safeParse(document.errors.length > 0 ? undefined : document.toJS());
  if (!parsed.success) {
    const yaml = document.errors.map(({ message }) => message.split("\n")[0] ?? "");
    const shape = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw wrong([...yaml, ...(yaml.length > 0 ? [] : shape)]);
  }
  const { fields } = parsed.data;
  const faults = Object.keys(fields).flatMap((name) =>
    FIELD_SPECS.has(name)
      ? []
      : [`fields.${name}: there is no such field.${didYouMean(name, FIELD_SPECS.keys())}`],
  );
  for (const name of ["event_type", "ts"]) {
    if (!(name in fields)) faults.push(`fields.${name} is needed.`);
  }
  for (const [name, of] of Object.entries(fields)) {
    if (typeof of === "object" && "zone" in of && of.zone !== undefined && !isTimeZone(of.zone)) {
      faults.push(`fields.${name}.zone: "${of.zone}" is no time zone.`);
    }
  }
  if (faults.length > 0) throw wrong(faults);
  return parsed.data;
}

function withAnswers(text: string, told: Readonly<Record<string, string>>): string {
  const asked = askedBy(text);
  const faults = [
    ...Object.entries(asked).flatMap(([name, why]) =>
      told[name] === undefined ? [`It asks for ${name} (${why}): --set ${name}=…`] : [],
    ),
    ...Object.keys(told).flatMap((name) =>
      Object.hasOwn(asked, name) ? [] : [`It does not ask for ${name}.`],
    ),
  ];
  if (faults.length > 0) throw wrong(faults);
  return text.replaceAll(/"\$\{(\w+)\}"/g, (whole, name) =>
    told[name] === undefined ? whole : JSON.stringify(told[name]),
  );
}

const wrong = (faults: readonly string[]) =>
  new AppError("REQUEST_INVALID", `The mapping has mistakes:\n${faults.join("\n")}`);

/** Throws REQUEST_INVALID when the file lacks columns that the mapping names. */
export function checkColumns(mapping: Mapping, header: readonly string[]): void {
  const named = [
    ...mapping.event_id,
    ...mapping.leave_out.flatMap((row) => Object.keys(row)),
    ...Object.values(mapping.fields).flatMap(columnsOf),
  ];
  const missing = [...new Set(named)].filter((name) => !header.includes(name));
  if (missing.length === 0) return;
  const faults = missing.map((name) => `"${name}"${didYouMean(name, header)}`);
  throw wrong([`The file has no column ${faults.join(", ")}`, `It has: ${header.join(", ")}`]);
}

function columnsOf(of: Mapping["fields"][string]): string[] {
  if (typeof of === "string") return [of];
  if ("value" in of || of.optional === true) return [];
  return [of.column].flat();
}

/** In: a row by column. Empty cells are absent fields. */
export function mapRow(mapping: Mapping, row: Readonly<Record<string, string>>): Mapped {
  const isOut = mapping.leave_out.some((out) =>
    Object.entries(out).every(([column, text]) => (row[column] ?? "").trim() === text),
  );
  if (isOut) return null;
  const event: Record<string, string | number | boolean> = {};
  const currency = currencyOf(mapping, row);
  for (const [name, of] of Object.entries(mapping.fields)) {
    const read = readField(name, of, { row, currency });
    if (read === null) return null;
    if (read !== undefined && typeof read === "object") return `${name}: ${read.fault}`;
    if (read !== undefined) event[name] = read;
  }
  if (currency !== "") event.currency = currency;
  const type = String(event.event_type);
  if (!Object.hasOwn(EVENT_TYPES, type)) {
    return `event_type: "${type.slice(0, 40)}" is none of ours; name it under values.`;
  }
  const id = mapping.event_id.map((column) => row[column] ?? "");
  if (id.every((part) => part === "")) return `event_id: ${mapping.event_id.join(", ")} are empty.`;
  event.event_id = contentId("import", type, ...id);
  return event;
}

type Around = { row: Readonly<Record<string, string>>; currency: string };
type Read = string | number | boolean | undefined | null | { fault: string };

function currencyOf(mapping: Mapping, row: Around["row"]): string {
  const read = readField("currency", mapping.fields.currency ?? { value: "" }, {
    row,
    currency: "",
  });
  return typeof read === "string" ? read.toUpperCase() : "";
}

function readField(name: string, of: Mapping["fields"][string], around: Around): Read {
  if (typeof of === "object" && "value" in of) return of.value;
  const spec: Column = typeof of === "string" ? { column: of } : of;
  const cells = [spec.column].flat().map((one) => (around.row[one] ?? "").trim());
  const text = cells.filter((cell) => cell !== "").join(" ");
  if (text === "") return undefined;
  return spec.values === undefined
    ? typedValue(name, text, { ...spec, currency: around.currency })
    : listedValue(text, spec.values, spec.otherwise);
}

function listedValue(
  text: string,
  values: NonNullable<Column["values"]>,
  otherwise: Column["otherwise"],
): Read {
  const ours = Object.hasOwn(values, text) ? values[text] : otherwise;
  if (ours === undefined) return { fault: `"${text.slice(0, 40)}" is not among values.` };
  return ours === "" ? undefined : ours;
}

function typedValue(name: string, text: string, how: How & { currency: string }): Read {
  const kind = FIELD_SPECS.get(name)?.kind;
  if (kind === "t") return timeOf(text, how);
  if (kind === "m") return moneyOf(text, how.currency, how);
  if (kind === "b") return flagOf(text);
  if (kind === "s" || kind === "l") return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : { fault: `"${text.slice(0, 40)}" is no number.` };
}

type How = {
  format?: string | undefined;
  zone?: string | undefined;
  decimal?: "." | "," | undefined;
  absolute?: boolean | undefined;
};

/** Money as people write it: signs of thousands go, the sign of decimals is the mapping's. */
function moneyOf(text: string, currency: string, { decimal = ".", absolute }: How): Read {
  if (!isCurrency(currency)) return { fault: "the currency is missing or unknown." };
  const bare = text.replace(/[^\d.,()-]/g, "");
  const negative = /^\(.*\)$/.test(bare) || bare.startsWith("-");
  const plain = bare.replace(/[()-]/g, "").replaceAll(decimal === "." ? "," : ".", "");
  try {
    const minor = parseDecimal(plain.replace(",", "."), currencyDecimals(currency));
    return absolute === true || !negative ? minor : -minor;
  } catch {
    return { fault: `"${text.slice(0, 40)}" is no amount of ${currency}.` };
  }
}

function flagOf(text: string): Read {
  if (/^(true|yes|y|1)$/i.test(text)) return true;
  return /^(false|no|n|0)$/i.test(text)
    ? false
    : { fault: `"${text.slice(0, 40)}" is no yes or no.` };
}

/** `format`: unix, unix_ms, or letters such as `DD/MM/YYYY HH:mm:ss`; without it ISO 8601. `zone`: of times that name none. */
function timeOf(text: string, { format, zone }: How): Read {
  const fault = {
    fault: `"${text.slice(0, 40)}" is no time as ${format ?? "ISO 8601"}${zone === undefined ? " with a zone" : ""}.`,
  };
  if (format === "unix" || format === "unix_ms") {
    if (!/^\d{1,15}$/.test(text)) return fault;
    return Number(text) * (format === "unix" ? 1000 : 1);
  }
  // Also `2026-09-12 13:00:00 -0400`, with a blank before the zone.
  const iso =
    format === undefined ? parseIsoTime(text.replace(/ (?=[+-]\d{2}:?\d{2}$)/, "")) : undefined;
  if (iso !== undefined) return iso;
  const wall = wallTime(text, format ?? "YYYY-MM-DD HH:mm:ss");
  return wall === undefined || zone === undefined
    ? fault
    : wall - zoneOffsetMs(wall - zoneOffsetMs(wall, zone), zone);
}

const PARTS: Readonly<Record<string, string>> = {
  YYYY: "(?<year>\\d{4})",
  MM: "(?<month>\\d{1,2})",
  DD: "(?<day>\\d{1,2})",
  HH: "(?<hour>\\d{1,2})",
  mm: "(?<minute>\\d{2})",
  ss: "(?<second>\\d{2})",
};

/** The wall clock as if it were UTC, ms. A format without time gives midnight. */
function wallTime(text: string, format: string): number | undefined {
  const escaped = format.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = escaped.replace(/YYYY|MM|DD|HH|mm|ss/g, (part) => PARTS[part] ?? part);
  const found = new RegExp(`^${pattern}$`).exec(text.replace("T", " "))?.groups;
  if (found === undefined) return undefined;
  const part = (name: string, otherwise: number) => Number(found[name] ?? otherwise);
  const [year, month, day] = [part("year", 1970), part("month", 1), part("day", 1)];
  const ms = Date.UTC(year, month - 1, day, part("hour", 0), part("minute", 0), part("second", 0));
  const made = new Date(ms);
  const isReal = made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
  return isReal && part("hour", 0) < 24 && part("minute", 0) < 60 ? ms : undefined;
}
