// Tills are talked down to an old, breakable encryption: somebody sits in between.
import type { Attack } from "../attack.ts";

export const weakTls: Attack = {
  id: "weak-tls",
  detection: "tls-or-gateway-change",
  title: "Two tills connect with TLS 1.0 and a certificate that is not the pinned one",
  when: "open",
  inject({ record, store, atMs, random }) {
    return store.terminals.slice(0, 2).map((terminal_id, n) =>
      record({ store, terminal_id }, atMs + n * 20_000, "tls_handshake", {
        dest_host: "api.payments.example",
        is_clear_text: false,
        tls_version: 10,
        cipher_ok: false,
        cert_sha256: random.hex(64),
        cert_ok: false,
        pin_ok: false,
      }),
    );
  },
};
