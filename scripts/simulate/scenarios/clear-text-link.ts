// Payment traffic leaves the till without any encryption.
import type { Attack } from "../attack.ts";

export const clearTextLink: Attack = {
  id: "clear-text-link",
  detection: "tls-or-gateway-change",
  title: "A till sends to the payment host in clear text",
  when: "open",
  inject({ record, store, atMs }) {
    const [terminal_id] = store.terminals;
    const place = terminal_id === undefined ? { store } : { store, terminal_id };
    return [
      record(place, atMs, "tls_handshake", {
        dest_host: "api.payments.example",
        is_clear_text: true,
      }),
    ];
  },
};
