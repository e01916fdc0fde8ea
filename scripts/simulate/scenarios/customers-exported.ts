// An account that was taken over takes out the customer list.
import { type Attack, ownerOf } from "../attack.ts";

export const customersExported: Attack = {
  id: "customers-exported",
  detection: "bulk-export",
  title: "Sixty thousand customers exported at once",
  when: "open",
  inject(context) {
    const { atMs, desk, shop } = context;
    const { account_id } = ownerOf(shop);
    return [
      context.record(desk, atMs, "data_exported", {
        account_id,
        ip: "192.0.2.200",
        row_count: 60_000,
        endpoint: "customers",
      }),
    ];
  },
};
