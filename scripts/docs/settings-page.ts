// The table of settings and .env.example, from the schema that checks them.
import type { z } from "zod";
import { SETTING_PREFIX, Settings } from "../../core/settings.ts";
import { table } from "./markers.ts";

export type SettingRow = {
  name: string;
  about: string;
  fallback: string | undefined;
  secret: boolean;
};

/** Every setting as a reader sees it, in the schema's order. */
export function settingRows(): SettingRow[] {
  return Object.entries(Settings.shape).map(([name, schema]: [string, z.ZodType]) => {
    const fallback = schema.safeParse(undefined);
    const hasDefault = fallback.success && fallback.data !== undefined;
    const about = schema.description ?? inner(schema)?.description ?? "";
    return {
      name: SETTING_PREFIX + name,
      about: about.replace(/^Secret: /, ""),
      fallback: hasDefault ? String(fallback.data) : undefined,
      secret: about.startsWith("Secret: "),
    };
  });
}

function inner(schema: z.ZodType): z.ZodType | undefined {
  return "unwrap" in schema ? (schema as { unwrap(): z.ZodType }).unwrap() : undefined;
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

export function settingsTable(): string {
  const rows = settingRows().map(({ name, about, fallback, secret }) => [
    `\`${name}\``,
    fallback === undefined ? "–" : `\`${fallback}\``,
    secret ? "yes" : "",
    sentence(about),
  ]);
  return table(["name", "default", "secret", "what it is"], rows);
}

/** `.env.example`: every setting, commented out, with its words. */
export function envExample(): string {
  const blocks = settingRows().map(({ name, about, fallback, secret }) => {
    const value = fallback ?? "";
    const note = secret
      ? `${sentence(about)} Secret: better as ${name}_FILE, a path.`
      : sentence(about);
    return `# ${note}\n#${name}=${value}\n`;
  });
  return [
    "# Settings of Tillwatch. Copy to .env and take the # off the lines you need; none is needed to try it.",
    "# Made by npm run docs from core/config.ts. The environment wins over this file.",
    "",
    ...blocks,
  ].join("\n");
}
