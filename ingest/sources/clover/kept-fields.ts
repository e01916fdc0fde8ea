// What of Clover's bodies and answers may rest with us. Names, notes and addresses go.
import type { KeptFields } from "../../../core/kept-fields.ts";

const NAMES = `
  asked object appId objectId type ts verificationCode
  id amount tipAmount taxAmount cashbackAmount createdTime clientCreatedTime modifiedTime result offline voidReason
  labelKey cardType entryType first6 last4 state currency referenceId
`;

export const CLOVER_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(),
};
