// The words of CACAO 2.0. Open lists take other words too, with a warning; closed ones do not.

export const STEP_TYPES = [
  "start",
  "end",
  "action",
  "playbook-action",
  "parallel",
  "if-condition",
  "while-condition",
  "switch-condition",
] as const;
export type StepType = (typeof STEP_TYPES)[number];

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const PLAYBOOK_TYPES = words(
  "attack detection engagement investigation mitigation notification prevention remediation",
);
export const ACTIVITIES = words(`compose-content deliver-content identify-audience identify-channel
  scan-system match-indicator analyze-collected-data identify-indicators scan-vulnerabilities
  configure-systems restrict-access disconnect-system eliminate-risk revert-system restore-data
  restore-capabilities map-network identify-steps step-sequence prepare-engagement execute-operation
  analyze-engagement-results`);
export const VARIABLE_TYPES =
  words(`bool dictionary float hexstring integer ipv4-addr ipv6-addr long
  mac-addr hash md5-hash sha256-hash string uri uuid`);
export const TLP_LEVELS = words("TLP:RED TLP:AMBER TLP:AMBER+STRICT TLP:GREEN TLP:CLEAR");
export const REGIONS = words(`africa eastern-africa middle-africa northern-africa southern-africa
  western-africa americas caribbean central-america latin-america-caribbean northern-america
  south-america asia central-asia eastern-asia southern-asia south-eastern-asia western-asia europe
  eastern-europe northern-europe southern-europe western-europe oceania antarctica
  australia-new-zealand melanesia micronesia polynesia`);
/** What this engine itself carries out; bash and ssh only where a setting allows them. */
export const RUNNABLE_COMMANDS = words("manual http-api openc2-http sigma");
export const SIGNATURE_ALGORITHMS = words(`RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512
  Ed25519 Ed448 XMSS LMS`);
/** The drawing extension of the committee. */
export const LAYOUT_EXTENSION = "extension-definition--418ee24c-9cb1-46d9-afa5-309e01aabc7f";
