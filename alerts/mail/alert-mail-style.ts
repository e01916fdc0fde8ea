// How the alert mail looks: inline styles for every mail program, and a sheet for dark mode and small screens.
import type { CSSProperties } from "react";
import type { Level } from "../../core/level.ts";

/** White text on each has a contrast of at least 4.5 to 1. */
export const LEVEL_COLOURS: Readonly<Record<Level, string>> = {
  critical: "#9f1239",
  high: "#c2410c",
  medium: "#92600a",
  low: "#1d4ed8",
  informational: "#475569",
};

const FONT =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export const style = {
  body: {
    margin: 0,
    padding: "24px 0",
    backgroundColor: "#f1f4f7",
    fontFamily: FONT,
    overflowWrap: "anywhere",
  },
  card: {
    maxWidth: 600,
    margin: "0 auto",
    backgroundColor: "#ffffff",
    border: "1px solid #dde3ea",
    borderRadius: 12,
    overflow: "hidden",
  },
  bar: { height: 6, lineHeight: "6px", fontSize: 1 },
  inner: { padding: "20px 28px 24px" },
  brand: { fontSize: 14, fontWeight: 600, color: "#334155", margin: 0, letterSpacing: "0.01em" },
  pill: {
    display: "inline-block",
    color: "#ffffff",
    fontSize: 13,
    fontWeight: 700,
    lineHeight: "18px",
    padding: "3px 12px",
    borderRadius: 999,
  },
  demo: {
    margin: "14px 0 0",
    padding: "8px 12px",
    borderRadius: 8,
    backgroundColor: "#fef6d8",
    color: "#6b4e05",
    fontSize: 14,
    lineHeight: "20px",
  },
  h1: { margin: "18px 0 4px", fontSize: 24, lineHeight: "31px", fontWeight: 700, color: "#0f172a" },
  greeting: { margin: "0 0 12px", fontSize: 15, lineHeight: "22px", color: "#52606f" },
  sentence: { margin: "0 0 4px", fontSize: 17, lineHeight: "26px", color: "#1e293b" },
  h2: { margin: "24px 0 6px", fontSize: 15, lineHeight: "20px", fontWeight: 700, color: "#0f172a" },
  text: { margin: "0 0 6px", fontSize: 16, lineHeight: "24px", color: "#334155" },
  list: { margin: 0, padding: "0 0 0 22px" },
  table: { width: "100%", borderCollapse: "collapse" },
  th: {
    textAlign: "left",
    fontSize: 12,
    lineHeight: "16px",
    fontWeight: 600,
    color: "#5b6876",
    padding: "6px 10px 6px 0",
    borderBottom: "1px solid #dde3ea",
  },
  td: {
    fontSize: 15,
    lineHeight: "20px",
    color: "#1e293b",
    padding: "8px 10px 8px 0",
    borderBottom: "1px solid #edf1f5",
    verticalAlign: "top",
  },
  number: {
    textAlign: "right",
    paddingRight: 20,
    whiteSpace: "nowrap",
    fontVariantNumeric: "tabular-nums",
  },
  box: {
    margin: "24px 0 0",
    padding: "16px 20px 20px",
    backgroundColor: "#f1f6fc",
    borderRadius: 10,
  },
  boxTitle: { margin: "0 0 6px", fontSize: 15, fontWeight: 700, color: "#0f172a" },
  button: {
    display: "inline-block",
    marginTop: 12,
    padding: "12px 22px",
    backgroundColor: "#17457d",
    color: "#ffffff",
    borderRadius: 8,
    fontSize: 16,
    lineHeight: "22px",
    fontWeight: 600,
    textDecoration: "none",
  },
  acts: { margin: "0 0 4px", lineHeight: "44px" },
  act: {
    display: "inline-block",
    margin: "0 6px 8px 0",
    padding: "10px 16px",
    border: "1px solid #9aa8b8",
    borderRadius: 8,
    color: "#17457d",
    fontSize: 15,
    lineHeight: "22px",
    fontWeight: 600,
    textDecoration: "none",
  },
  link: { color: "#17457d", textDecoration: "underline" },
  small: { margin: "0 0 8px", fontSize: 13, lineHeight: "19px", color: "#5b6876" },
  footer: { maxWidth: 600, margin: "0 auto", padding: "16px 28px 8px" },
} satisfies Record<string, CSSProperties>;

/** Colours again for dark mode: mail programs that know the query take these, others keep the light ones. */
export const SHEET = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) {
  .tw-body { padding: 0 !important; }
  .tw-card { border: 0 !important; border-radius: 0 !important; }
  .tw-inner { padding: 16px 16px 20px !important; }
  .tw-footer { padding: 12px 16px !important; }
  .tw-h1 { font-size: 21px !important; line-height: 28px !important; }
  .tw-act, .tw-button { display: block !important; margin-right: 0 !important; text-align: center; }
  .tw-td { font-size: 14px !important; padding-right: 8px !important; }
}
@media (prefers-color-scheme: dark) {
  .tw-body { background-color: #0e141b !important; }
  .tw-card { background-color: #161e28 !important; border-color: #2a3644 !important; }
  .tw-strong { color: #f1f5f9 !important; }
  .tw-text { color: #d5dde6 !important; }
  .tw-soft { color: #9fb0c2 !important; }
  .tw-th, .tw-td { border-color: #2a3644 !important; }
  .tw-box { background-color: #1c2938 !important; }
  .tw-act { color: #a9cdf8 !important; border-color: #4a5a6c !important; }
  .tw-link { color: #a9cdf8 !important; }
  .tw-demo { background-color: #3a2f0b !important; color: #f5dd92 !important; }
  .tw-button { background-color: #7db4f5 !important; color: #0b1a2c !important; }
}
`;
