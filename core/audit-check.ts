// Checks an export of the audit log without any store: each link, each signed head, the signed end. Stops at the first fault.
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { CHAIN_START, linkFault } from "./audit-chain.ts";
import { type EndLine, type ExportLine, endText, readExportLine } from "./audit-export.ts";
import { headHolds, signatureHolds } from "./audit-signature.ts";

/** `line` counts from 1. `chain` and `seq` name the entry where the fault is one of an entry. */
export type AuditFault = { ok: false; line: number; chain?: string; seq?: number; why: string };

export type AuditProof = {
  ok: true;
  entries: number;
  heads: number;
  made_at: number;
  public_key: string;
  /** False where nobody said which key it must be: then the file proves no more than that it fits its own key. */
  key_compared: boolean;
  chains: { chain: string; entries: number; hash: string }[];
};

export type AuditVerdict = AuditProof | AuditFault;

export type AuditChecker = {
  /** Takes the next bytes, cut anywhere. */
  take(bytes: Buffer): void;
  /** The verdict over all that was taken. */
  finish(): AuditVerdict;
};

/** `keys`: whose signatures count; none given: any key that fits. `anchors`: hashes that must be in the file. */
export type Expected = { keys?: readonly string[]; anchors?: readonly string[] };

const LINE_BREAK = Buffer.from("\n");

/** Entries are at most some 100 KB; a file without line breaks must not fill the memory. */
const MOST_LINE_BYTES = 1_048_576;

export function checkAuditExport(expected: Expected = {}): AuditChecker {
  const check = new Check(expected);
  let rest: Buffer = Buffer.alloc(0);
  return {
    take(bytes) {
      if (check.fault !== undefined) return;
      let from = 0;
      for (let cut = bytes.indexOf(10); cut >= 0; cut = bytes.indexOf(10, from)) {
        const piece = bytes.subarray(from, cut);
        check.line(rest.length === 0 ? piece : Buffer.concat([rest, piece]));
        rest = Buffer.alloc(0);
        from = cut + 1;
        if (check.fault !== undefined) return;
      }
      rest = Buffer.concat([rest, bytes.subarray(from)]);
      if (rest.length > MOST_LINE_BYTES) check.tooLong();
    },
    finish: () => check.finish(rest.length > 0),
  };
}

type Complaint = { why: string; chain?: string; seq?: number };

/** The hashes of one chain, to be compared with signed heads that come later in the file. */
type Seen = { hashes: string[]; signedTo: number };

class Check {
  readonly #expected: Expected;
  readonly #digest = createHash("sha256");
  readonly #chains = new Map<string, Seen>();
  readonly #anchors: Set<string>;
  #line = 0;
  #entries = 0;
  #heads = 0;
  #end: EndLine | undefined;
  fault: AuditFault | undefined;

  constructor(expected: Expected) {
    this.#expected = expected;
    this.#anchors = new Set(expected.anchors);
  }

  line(bytes: Buffer): void {
    this.#line += 1;
    this.#note(this.#judge(bytes));
  }

  tooLong(): void {
    this.#line += 1;
    const why = "this line is longer than any line of an export";
    this.#note({ why, ...this.#nextEntry() });
  }

  finish(cut: boolean): AuditVerdict {
    if (this.fault === undefined && (cut || this.#end === undefined)) {
      this.#line += 1;
      this.#note({ why: "the file is cut off: its signed end is missing", ...this.#nextEntry() });
    }
    return this.fault ?? this.#proof();
  }

  #note(complaint: Complaint | undefined): void {
    if (complaint !== undefined) this.fault ??= { ok: false, line: this.#line, ...complaint };
  }

  #judge(bytes: Buffer): Complaint | undefined {
    if (this.#end !== undefined) return { why: "something follows the end of the export" };
    const line = this.#read(bytes);
    if (line === undefined) {
      return { why: "this line is not as an export writes it", ...this.#nextEntry() };
    }
    if (line.kind === "end") return this.#takeEnd(line);
    this.#digest.update(bytes).update(LINE_BREAK);
    return line.kind === "entry" ? this.#takeEntry(line) : this.#takeHead(line);
  }

  /** Bytes that are no UTF-8 would otherwise be read as if something else stood there. */
  #read(bytes: Buffer): ExportLine | undefined {
    return isUtf8(bytes) ? readExportLine(bytes.toString("utf8")) : undefined;
  }

  /** The entry that should have stood here, as long as the file is still among its entries. */
  #nextEntry(): { chain?: string; seq?: number } {
    const last = [...this.#chains].at(-1);
    if (this.#heads > 0 || last === undefined) return {};
    return { chain: last[0], seq: last[1].hashes.length + 1 };
  }

  #takeEntry(row: Extract<ExportLine, { kind: "entry" }>): Complaint | undefined {
    const { chain, seq } = row;
    if (this.#heads > 0) return { why: "an entry stands behind a signed head", chain, seq };
    const seen = this.#chains.get(chain) ?? { hashes: [], signedTo: 0 };
    const before = { seq: seen.hashes.length, hash: seen.hashes.at(-1) ?? CHAIN_START.hash };
    const why = linkFault(row, before);
    if (why !== undefined) return { why, chain, seq };
    seen.hashes.push(row.hash);
    this.#chains.set(chain, seen);
    this.#entries += 1;
    this.#anchors.delete(row.hash);
    return undefined;
  }

  #takeHead(head: Extract<ExportLine, { kind: "head" }>): Complaint | undefined {
    this.#heads += 1;
    const { chain, seq } = head;
    if (!headHolds(head)) return { why: "this head's signature does not hold", chain, seq };
    if (!this.#known(head.public_key)) {
      return { why: "this head is signed with another key", chain, seq };
    }
    const seen = this.#chains.get(chain);
    const last = seen?.hashes.length ?? 0;
    if (seen === undefined || last < seq) {
      const missing = { chain, seq: last + 1 };
      return { why: `entries are missing: a signed head names entry ${seq}`, ...missing };
    }
    if (seen.hashes[seq - 1] !== head.hash) {
      return { why: "the signed head names another hash for this entry", chain, seq };
    }
    seen.signedTo = Math.max(seen.signedTo, seq);
    return undefined;
  }

  #takeEnd(end: EndLine): Complaint | undefined {
    this.#end = end;
    for (const [chain, { hashes, signedTo }] of this.#chains) {
      if (signedTo < hashes.length) {
        return { why: "no signed head covers this entry", chain, seq: signedTo + 1 };
      }
    }
    if (!signatureHolds(end.public_key, endText(end), end.signature)) {
      return { why: "the signature of the export's end does not hold" };
    }
    if (!this.#known(end.public_key)) return { why: "the export is signed with another key" };
    const whole = end.entries === this.#entries && end.heads === this.#heads;
    if (!whole || end.sha256 !== this.#digest.digest("hex")) {
      return { why: "lines were taken out, put in or moved before this one" };
    }
    const [anchor] = this.#anchors;
    if (anchor !== undefined) {
      return { why: `no entry has the anchor's hash ${anchor}: the history was written anew` };
    }
    return undefined;
  }

  #known(key: string): boolean {
    const { keys } = this.#expected;
    return keys === undefined || keys.length === 0 || keys.includes(key);
  }

  #proof(): AuditProof {
    const end = this.#end as EndLine;
    return {
      ok: true,
      entries: this.#entries,
      heads: this.#heads,
      made_at: end.made_at,
      public_key: end.public_key,
      key_compared: (this.#expected.keys?.length ?? 0) > 0,
      chains: [...this.#chains].map(([chain, { hashes }]) => ({
        chain,
        entries: hashes.length,
        hash: hashes.at(-1) ?? CHAIN_START.hash,
      })),
    };
  }
}
