import { expect, it } from "vitest";
import type { EventDraft } from "../../core/event.ts";
import { maskDraft } from "./mask-card-data.ts";

it("a German article's number stays in its own field and is masked, and reported, in any other", () => {
  const article = "4035820970376";
  const draft = {
    ...{ event_id: "e1", event_type: "line_item", ts: 1, sku: article, note: article },
    attributes: { gtin: article, remark: article },
  } as unknown as EventDraft;
  expect(maskDraft(draft)).toEqual([
    { field: "note", kind: "pan" },
    { field: "remark", kind: "pan" },
  ]);
  expect(draft).toMatchObject({
    ...{ sku: article, note: "403582***0376" },
    attributes: { gtin: article, remark: "403582***0376" },
  });
});
