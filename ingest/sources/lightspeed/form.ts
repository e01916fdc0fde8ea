// Lightspeed's body: a form whose field `payload` holds the object as JSON.
type Form = Record<string, unknown>;

/**
 * The form with its payload as an object, without the customer and with no more of the user than ids. Takes the same as JSON,
 * as it rests with us. Throws SyntaxError.
 */
export function openForm(text: string): unknown {
  const form = text.trimStart().startsWith("{") ? (JSON.parse(text) as Form) : fromForm(text);
  const { payload } = form;
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return form;
  const { customer: _, user, ...rest } = payload as Form;
  return { ...form, payload: isObject(user) ? { ...rest, user: idsOf(user) } : rest };
}

function fromForm(text: string): Form {
  const fields = new URLSearchParams(text);
  const payload = fields.get("payload");
  if (payload === null) throw new SyntaxError("payload: missing");
  return { ...Object.fromEntries(fields), payload: JSON.parse(payload) };
}

const isObject = (value: unknown): value is Form =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const idsOf = ({ id, outlet_id }: Form): Form => ({ id, outlet_id });
