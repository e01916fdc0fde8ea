// Square's team: who was added or changed, and who clocked in or out.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { needed } from "../../../core/json-reader.ts";
import { deliveredAt, part, type SquareEvent, time } from "./square-event.ts";

/**
 * A new member is `created`, an inactive one `disabled`. What else changed is not said in the body, so `change`
 * stays out; names, addresses and numbers go no further.
 */
export function teamMemberFacts(event: SquareEvent): Fact[] {
  const member = part(event, "team_member");
  const id = needed(member.text("id") ?? event.data.text("id"), "data.object.team_member.id");
  const status = member.text("status");
  const isNew = event.type === "team_member.created";
  const change = status === "INACTIVE" ? "disabled" : isNew ? "created" : undefined;
  const ts = time(member, isNew ? "created_at" : "updated_at") ?? deliveredAt(event);
  const draft = draftOf(
    {
      event_type: "account_changed",
      ts,
      change,
      account_id: id,
      target_account_id: id,
      new_value: status,
      is_privileged: member.flag("is_owner"),
    },
    {
      status,
      is_owner: member.flag("is_owner"),
      assignment: member.object("assigned_locations")?.text("assignment_type"),
    },
  );
  return [{ fact_key: `team_member:${id}:${isNew ? "created" : ts}`, draft }];
}

/** Wage settings name the member's jobs, which is the role that we know. */
export function wageFacts(event: SquareEvent): Fact[] {
  const wage = part(event, "wage_setting");
  const id = needed(
    wage.text("team_member_id") ?? event.data.text("id"),
    "data.object.wage_setting.team_member_id",
  );
  const ts = time(wage, "updated_at") ?? deliveredAt(event);
  const draft = draftOf(
    {
      event_type: "account_changed",
      ts,
      change: "role",
      account_id: id,
      target_account_id: id,
      new_value: wage.first("job_assignments")?.text("job_title"),
    },
    { pay_type: wage.first("job_assignments")?.text("pay_type") },
  );
  return [{ fact_key: `wage_setting:${id}:${wage.whole("version") ?? ts}`, draft }];
}

/** `labor.shift` is the older twin of `labor.timecard`: the same id, version and state, so the same fact. */
export function timeClockFacts(event: SquareEvent): Fact[] {
  const card = part(event, event.type.startsWith("labor.shift") ? "shift" : "timecard");
  const id = needed(card.text("id") ?? event.data.text("id"), `${card.path}.id`);
  const status = card.text("status") ?? (card.has("end_at") ? "CLOSED" : "OPEN");
  const action = status === "CLOSED" ? "closed" : "opened";
  const ts = time(card, action === "closed" ? "end_at" : "start_at") ?? deliveredAt(event);
  const draft = draftOf(
    {
      event_type: "time_clock",
      ts,
      action,
      store_id: card.text("location_id"),
      cashier_id: card.text("team_member_id") ?? card.text("employee_id"),
    },
    {
      timecard_id: id,
      version: card.whole("version"),
      job_title: card.object("wage")?.text("title"),
      zone: card.text("timezone"),
    },
  );
  return [{ fact_key: `timecard:${id}:${card.whole("version") ?? ts}:${action}`, draft }];
}
