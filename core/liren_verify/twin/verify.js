// SPDX-License-Identifier: Apache-2.0
// The rules of docs/ledger-spec.md for receipts, on paper and as a file, in the order of its sections.
// No server is asked and no WebCrypto is used: it lacks Ed25519 on many phones and is absent on plain http.
"use strict";

const liren = (() => {
  const { ExtendedPoint, sha256, sha512, unzipSync } = vendored;
  const MOST = Number.MAX_SAFE_INTEGER;
  const utf8 = (text) => new TextEncoder().encode(text);

  class Problem extends Error {
    constructor(code, values = {}) {
      super(code);
      this.code = code;
      this.values = values;
    }
  }

  const text = (bytes, code) => {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Problem(code, { why: "not UTF-8" });
    }
  };

  const join = (...parts) => {
    const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };

  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  // --- 1. text forms: one encoding of each byte string, unused bits zero

  const BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?";
  const whole = (pattern) => new RegExp(`^(?:${pattern})$`, "u");
  const _base64 = whole(BASE64);

  const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const unbase64 = (encoded) =>
    _base64.test(encoded) ? Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0)) : null;
  const base64url = (bytes) => base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const unbase64url = (encoded, size) => {
    if (!/^[A-Za-z0-9_-]*$/.test(encoded) || encoded.length % 4 === 1) return null;
    const padded = encoded.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (encoded.length % 4)) % 4);
    const bytes = unbase64(padded);
    return bytes !== null && bytes.length === size ? bytes : null;
  };

  const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const unbase32 = (encoded) => {
    const bytes = [];
    let held = 0;
    let bits = 0;
    for (const letter of encoded) {
      const value = BASE32.indexOf(letter);
      if (value < 0) return null;
      held = (held << 5) | value;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((held >> bits) & 255);
        held &= (1 << bits) - 1;
      }
    }
    return bits < 5 && held === 0 ? Uint8Array.from(bytes) : null;
  };

  const isDay = (day) => {
    const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(day);
    if (parts === null || parts[1] < "1970" || parts[1] > "9998") return false;
    const moment = new Date(`${day}T00:00:00Z`);
    return !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === day;
  };
  const isMonthEnd = (day) => isDay(day) && new Date(Date.parse(`${day}T00:00:00Z`) + 86400000).getUTCDate() === 1;

  // --- 2. signed note

  const SPACE = "\\x00-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const NAME = `[^${SPACE}+]{1,200}`;
  const SIGNATURE_LINE = `— ${NAME} ${BASE64}\\n`;
  const _line = new RegExp(`— (${NAME}) (${BASE64})\\n`, "gu");
  const _lines = whole(`(?:${SIGNATURE_LINE})+`);
  const _vkey = whole(`(${NAME})\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]{44})`);

  const readLines = (block, most) => {
    if (!_lines.test(block)) throw new Problem("note-bad", { why: "signature lines" });
    const found = Array.from(block.matchAll(_line), ([, name, encoded]) => {
      const blob = unbase64(encoded);
      if (blob.length < 5) throw new Problem("note-bad", { why: "signature line" });
      return { name, id: blob.slice(0, 4), signature: blob.slice(4) };
    });
    const names = new Set(found.map((line) => `${line.name} ${hex(line.id)}`));
    if (found.length > 1 && (found.length > most || names.size < found.length)) {
      throw new Problem("note-bad", { why: "too many signatures, or the same key twice" });
    }
    return found;
  };

  const keyId = (name, publicKey) => sha256(join(utf8(name), [10, 1], publicKey)).slice(0, 4);

  const parseVkey = (vkey) => {
    const match = _vkey.exec(vkey);
    const blob = match ? unbase64(match[3]) : null;
    if (blob === null || blob.length !== 33 || blob[0] !== 1) throw new Problem("key-bad", { why: "vkey" });
    const raw = blob.slice(1);
    const id = keyId(match[1], raw);
    if (hex(id) !== match[2]) throw new Problem("key-bad", { why: "vkey id" });
    let point;
    try {
      point = ExtendedPoint.fromHex(raw, false);
      if (point.isSmallOrder()) throw new Error("small order");
    } catch {
      throw new Problem("key-bad", { why: "weak public key" });
    }
    return { text: vkey, name: match[1], id, raw, point };
  };

  const fingerprint = (vkey) => hex(sha256(utf8(vkey))).match(/.{4}/g).join(" ");

  const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
  const little = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);

  // RFC 8032 §5.1.7: S below the group order, R compared as bytes, no cofactor.
  const verifies = (key, signature, message) => {
    if (signature.length !== 64) return false;
    const S = little(signature.slice(32));
    if (S >= ORDER) return false;
    const k = little(sha512(join(signature.slice(0, 32), key.raw, message))) % ORDER;
    const R = ExtendedPoint.BASE.multiply(S, false).add(key.point.negate().multiply(k, false));
    return same(R.toRawBytes(), signature.slice(0, 32));
  };

  // --- 3. checkpoint

  const ORIGIN = "([a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?)/log/[1-9][0-9]{0,8}";
  const _origin = whole(ORIGIN);
  const _checkpoint = whole("([^\\n]+)\\n(0|[1-9][0-9]{0,15})\\n([A-Za-z0-9+/]{43}=)\\n");

  const splitNote = (note) => {
    for (let at = note.length - 2; at >= 0; at -= 1) {
      if (note[at] === 10 && note[at + 1] === 10) return [note.slice(0, at + 1), note.slice(at + 2)];
    }
    throw new Problem("note-bad", { why: "no blank line" });
  };

  const parseCheckpoint = (note) => {
    const [signed, block] = splitNote(note);
    const match = _checkpoint.exec(text(signed, "checkpoint-bad"));
    const root = match ? unbase64(match[3]) : null;
    if (root === null || root.length !== 32) throw new Problem("checkpoint-bad", { why: "text" });
    if (!_origin.test(match[1]) || Number(match[2]) > MOST) throw new Problem("checkpoint-bad", { why: "origin or size" });
    return { origin: match[1], size: Number(match[2]), root, text: signed, lines: readLines(text(block, "note-bad"), 64) };
  };

  // --- 4. tree

  const leafHash = (entry) => sha256(join([0], entry));
  const nodeHash = (left, right) => sha256(join([1], left, right));

  const rootFromPath = (leaf, index, size, path) => {
    if (!(index >= 0 && index < size)) return null;
    let [node, last, root] = [BigInt(index), BigInt(size) - 1n, leaf];
    for (const sibling of path) {
      if (last === 0n) return null;
      if (node & 1n || node === last) {
        root = nodeHash(sibling, root);
        while (!(node & 1n) && node) [node, last] = [node >> 1n, last >> 1n];
      } else {
        root = nodeHash(root, sibling);
      }
      [node, last] = [node >> 1n, last >> 1n];
    }
    return last === 0n ? root : null;
  };

  const _proof =
    /^c2sp\.org\/tlog-proof@v1\n(?:extra ([A-Za-z0-9+/=]{4,1024})\n)?index (0|[1-9][0-9]{0,15})\n((?:[A-Za-z0-9+/]{43}=\n){0,64})\n/;
  const parseProof = (raw) => {
    // The first lines are ASCII: what is no UTF-8 further down is the checkpoint's to refuse.
    const match = _proof.exec(Array.from(raw.slice(0, 4096), (byte) => String.fromCharCode(byte)).join(""));
    const extra = match?.[1] === undefined || unbase64(match[1]) !== null;
    if (match === null || !extra || Number(match[2]) > MOST) throw new Problem("proof-bad", { why: "first lines" });
    const path = match[3].split("\n").slice(0, -1).map((row) => {
      const node = unbase64(row);
      if (node === null) throw new Problem("proof-bad", { why: "path" });
      return node;
    });
    return { index: Number(match[2]), path, checkpoint: parseCheckpoint(raw.slice(match[0].length)) };
  };

  // --- 5. canonical JSON (the restricted profile)

  const encode = (value) => {
    if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${encode(value[key])}`).join(",")}}`;
  };

  const checkValue = (value, depth, refuse) => {
    if (value === null) refuse("null");
    if (typeof value === "number" && !Number.isSafeInteger(value)) refuse("number out of range");
    if (typeof value === "string" && (/\p{Surrogate}/u.test(value) || value.normalize("NFC") !== value)) {
      refuse("text is not NFC");
    }
    if (typeof value !== "object") return;
    if (depth >= 8) refuse("too deep");
    for (const [key, inner] of Object.entries(value)) {
      if (!Array.isArray(value) && !/^[\x20-\x7e]*$/.test(key)) refuse("a key is not ASCII");
      checkValue(inner, depth + 1, refuse);
    }
  };

  const decode = (raw, code) => {
    const refuse = (why) => {
      throw new Problem(code, { why });
    };
    const written = text(raw, code);
    let value;
    try {
      value = JSON.parse(written);
    } catch {
      refuse("not JSON");
    }
    checkValue(value, 0, refuse);
    // Also finds keys that stand twice, fractions, exponents and -0: none of them is written again as it was read.
    if (encode(value) !== written) refuse("not in canonical form");
    return value;
  };

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  // --- 6. entry and record

  const TYPE = "liren/point-record/v1\n";
  const MOST_RECORD = 8192;
  const MOST_MS = 253370764800000;
  const RID = "[A-Za-z0-9_-]{21}[AQgw]";
  const DIGEST = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]";
  const DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
  const UNIT = "[A-Za-z0-9][A-Za-z0-9-]{0,31}";
  const CODE = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
  const ASSET = "[a-z]{2,20}";
  const PLUGIN = "[a-z]{2,20}";
  const ID = "[A-Za-z0-9._-]{1,64}";
  const WHY = "award|budget|clear|close|deduct|expire|refund|reverse|settle|spend|void";
  const ADDRESS =
    `(?:[ho]/${RID}/(?:never|${DAY})|budget/${UNIT}|escrow/${RID}|merchant/${PLUGIN}\\.[A-Za-z0-9_-]{1,40}` +
    "|fund/[a-z0-9][a-z0-9-]{0,39}|redeemed|expired|issuance)";
  const POSTING = `\\["${ASSET}","${ADDRESS}","${ADDRESS}",[1-9][0-9]{0,15}\\]`;
  const POST =
    `\\{"code":"(${CODE})",(?:"commit":"(${DIGEST})",)?"eff":"(${DAY})","kind":"post",` +
    `"log":"([a-z0-9./-]{1,130})","p":\\[(${POSTING}(?:,${POSTING}){0,31})\\],(?:"policy":"(${DIGEST})",)?` +
    `(?:"ref":"(${RID})",)?"rid":"(${RID})","unit":"(${UNIT})","why":"(${WHY})"\\}\\n`;
  const _postEntry = whole(
    `liren/entry/v1 ([1-9][0-9]{0,14})\\nliren/point-record/v1\\n${POST}\\n((?:${SIGNATURE_LINE}){1,4})`,
  );
  const _posting = /\["([^"]+)","([^"]+)","([^"]+)",([0-9]+)\]/g;
  const _head = /^liren\/entry\/v1 ([1-9][0-9]{0,14})\n/;
  const SUBJECT = `(?:statement/[0-9]{4}-(?:0[1-9]|1[0-2])|audit/${DAY}|slip/${ID}|doc/${PLUGIN}/${ID}|recovery)`;
  const FIELDS = {
    act: "add|revoke",
    code: CODE,
    digest: DIGEST,
    eff: DAY,
    holder: RID,
    kind: "attest|erase|key|policy",
    log: ORIGIN,
    rid: RID,
    role: "root|unit|reviewer|service|log",
    subject: SUBJECT,
    unit: UNIT,
    vkey: "[!-~]{1,300}",
  };
  const _fields = Object.fromEntries(Object.entries(FIELDS).map(([name, pattern]) => [name, whole(pattern)]));
  const ALL = ["kind", "log", "rid", "eff"];
  const REQUIRED = {
    key: [...ALL, "act", "vkey", "role"],
    policy: [...ALL, "digest"],
    attest: [...ALL, "subject", "digest", "code", "unit"],
    erase: [...ALL, "holder"],
  };
  const OPTIONAL = { key: ["unit", "may"] };

  const isAccount = (address) => address[1] !== "/" || address.endsWith("/never") || isMonthEnd(address.slice(25));

  const WITH_REF = ["clear", "refund", "reverse", "settle", "void"];
  const WITH_COMMIT = ["award", "close", "deduct", "reverse"];

  const readPost = ([code, commit, eff, log, rows, policy, ref, rid, unit, why]) => {
    const postings = Array.from(rows.matchAll(_posting), ([, asset, from, to, n]) => [asset, from, to, Number(n)]);
    for (const [, from, to, amount] of postings) {
      if (amount > MOST || !isAccount(from) || !isAccount(to)) throw new Problem("entry-malformed", { why: "posting" });
    }
    const ways = new Set(postings.map((posting) => posting.slice(0, 3).join(" ")));
    if (ways.size < postings.length) throw new Problem("entry-malformed", { why: "the same posting twice" });
    if ((ref !== undefined) !== WITH_REF.includes(why)) throw new Problem("entry-malformed", { why: "ref" });
    if (commit === undefined && WITH_COMMIT.includes(why)) throw new Problem("entry-malformed", { why: "commit is missing" });
    return { kind: "post", log, rid, eff, why, postings, code, unit, policy, ref, commit };
  };

  const readOther = (raw) => {
    const refuse = (why) => {
      throw new Problem("entry-malformed", { why });
    };
    const fields = decode(raw, "entry-malformed");
    if (!isObject(fields)) refuse("not an object");
    const required = Object.hasOwn(REQUIRED, fields.kind) ? REQUIRED[fields.kind] : refuse("a field of the post, or kind");
    for (const name of required) if (!Object.hasOwn(fields, name)) refuse(`${name} is missing`);
    for (const [name, value] of Object.entries(fields)) {
      if (!required.includes(name) && !(OPTIONAL[fields.kind] ?? []).includes(name)) refuse(`${name} does not belong here`);
      if (name !== "may" && !(typeof value === "string" && _fields[name].test(value))) refuse(name);
    }
    if ((fields.subject ?? "").startsWith("audit/") && !isDay(fields.subject.slice(6))) refuse("subject");
    return { kind: fields.kind, log: fields.log, rid: fields.rid, eff: fields.eff, unit: fields.unit, fields };
  };

  const timed = (admitted, recordSize, record) => {
    if (admitted > MOST_MS) throw new Problem("entry-malformed", { why: "admission time" });
    if (recordSize > MOST_RECORD) throw new Problem("entry-malformed", { why: "over 8192 bytes" });
    if (!isDay(record.eff)) throw new Problem("entry-malformed", { why: "eff" });
  };

  const parseEntry = (raw) => {
    const written = text(raw, "entry-malformed");
    const match = _postEntry.exec(written);
    const head = _head.exec(written);
    if (head === null) throw new Problem("entry-malformed", { why: "first line" });
    const start = head[0].length; // ASCII up to here: characters are bytes
    const [signed, block] = match ? splitNote(raw) : splitOther(raw, start);
    const lines = readLines(text(block, "note-bad"), 4);
    const signedText = signed.slice(start);
    if (!match && text(signedText.slice(0, TYPE.length), "entry-malformed") !== TYPE) {
      throw new Problem("entry-malformed", { why: "type line" });
    }
    const record = match ? readPost(match.slice(2, 12)) : readOther(signedText.slice(TYPE.length, -1));
    timed(Number(head[1]), raw.length - start, record);
    return { admitted: Number(head[1]), text: signedText, lines, record };
  };

  const splitOther = (raw, start) => {
    let at = raw.length - 2;
    while (at >= start && !(raw[at] === 10 && raw[at + 1] === 10)) at -= 1;
    if (at < start) throw new Problem("entry-malformed", { why: "no signatures" });
    return [raw.slice(0, at + 1), raw.slice(at + 2)];
  };

  // --- 7. keys

  const STREET_MOVES = ["budget", "clear"];
  const UNIT_MOVES = ["award", "budget", "clear", "close", "deduct", "reverse"];
  const SERVICE_MOVES = ["expire", "refund", "settle", "spend", "void"];
  const KINDS = {
    unit: ["key", "policy", "post"],
    reviewer: ["key", "policy", "post"],
    service: ["attest", "erase", "post"],
  };
  const within = (values, allowed) => values.every((value) => allowed.includes(value));

  const parseMay = (may, role, unit, street, name) => {
    const bad = (why) => {
      throw new Problem("key-bad", { why });
    };
    const members = ["kinds", "why", "certify", "units", "assets", "prefix"];
    if (!isObject(may) || !within(Object.keys(may), members)) bad("may");
    const list = (member, pattern, most) => {
      if (!Object.hasOwn(may, member)) return null;
      const values = may[member];
      if (!Array.isArray(values) || values.length < 1 || values.length > most) bad(`may.${member}`);
      if (!values.every((value) => typeof value === "string" && whole(pattern).test(value))) bad(`may.${member}`);
      const ascending = values.every((value, i) => i === 0 || values[i - 1] < value);
      return ascending ? values : bad(`may.${member} is not ascending`);
    };
    const kinds = list("kinds", "[a-z]+", 5) ?? [];
    const why = list("why", "[a-z]+", 11) ?? [];
    const certify = list("certify", "reviewer|service", 2) ?? [];
    const units = list("units", UNIT, 64);
    const assets = list("assets", ASSET, 16);
    const prefix = may.prefix ?? "";
    if (kinds.length === 0 || !within(kinds, KINDS[role])) bad("may.kinds");
    if (why.length > 0 !== kinds.includes("post") || certify.length > 0 !== kinds.includes("key")) bad("may.why or may.certify");
    if (!within(why, role === "service" ? SERVICE_MOVES : UNIT_MOVES)) bad("may.why");
    if (role === "service") {
      const plugin = name.slice(name.lastIndexOf("/") + 1);
      const core = plugin === "ledger";
      const onlyExpire = why.length === 1 && why[0] === "expire";
      if (prefix !== `${plugin}.` || (!core && kinds.includes("erase"))) bad("may of a service key");
      if (why.length > 0 && core !== onlyExpire) bad("may of a service key");
      if (!core && why.includes("expire")) bad("may.why");
    } else if (Object.hasOwn(may, "prefix")) {
      bad("may.prefix");
    }
    if (role !== "reviewer" && units !== null) bad("may.units");
    if (role === "reviewer" && unit !== street && !(units !== null && units.length === 1 && units[0] === unit)) bad("may.units");
    const forStreet = why.some((move) => STREET_MOVES.includes(move)) || kinds.includes("policy") || certify.includes("service");
    if (role === "unit" && unit !== street && forStreet) bad("only the street may have this");
    return { kinds, why, certify, units, assets, prefix };
  };

  const escaped = (literal) => literal.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&").replace(/\\-/g, "-");

  const recovers = (record) => record.kind === "attest" && record.fields.subject === "recovery";
  const streetOf = (origin) => origin.slice(0, origin.lastIndexOf("/"));
  const numberOf = (origin) => Number(origin.slice(origin.lastIndexOf("/") + 1));
  const follows = (later, earlier) => streetOf(later) === streetOf(earlier) && numberOf(later) > numberOf(earlier);

  class KeyRing {
    constructor(origin) {
      this.origin = origin;
      this.street = origin.slice(0, origin.lastIndexOf("/log/"));
      this.streetUnit = "";
      this.root = null;
      this.known = new Map();
      this.publics = new Set();
    }

    get(name, id) {
      return this.known.get(`${name} ${hex(id)}`) ?? null;
    }

    signers(signedText, lines) {
      const found = [];
      for (const line of lines) {
        const key = this.get(line.name, line.id);
        if (key === null) continue;
        if (!verifies(key.vkey, line.signature, signedText)) throw new Problem("signature-wrong", { key: line.name });
        found.push(key);
      }
      return found;
    }

    authorise(record, signers) {
      if (record.kind === "post") return this.authorisePost(record, signers);
      if (record.kind === "key") return this.authoriseKey(record, signers);
      const unit = record.kind === "policy" ? this.streetUnit : (record.unit ?? this.streetUnit);
      if (record.kind !== "policy") return this.need("service", record, signers, unit);
      this.need("unit", record, signers, unit);
      return this.need("reviewer", record, signers, unit);
    }

    authorisePost(post, signers) {
      if (SERVICE_MOVES.includes(post.why)) return this.need("service", post, signers, post.unit);
      if (STREET_MOVES.includes(post.why) && post.unit !== this.streetUnit) {
        throw new Problem("unit-wrong", { unit: post.unit, account: post.why });
      }
      this.need("unit", post, signers, post.unit);
      if (post.why !== "award") this.need("reviewer", post, signers, post.unit);
      return undefined;
    }

    authoriseKey(record, signers) {
      const { role, act, vkey } = record.fields;
      let unit = this.streetUnit;
      if (role === "reviewer") {
        const { name, id } = parseVkey(vkey);
        unit = (act === "add" ? record.fields.unit : this.get(name, id)?.unit) ?? "";
      }
      if (["unit", "log", "reviewer"].includes(role) && signers.some((key) => key.role === "root")) return;
      if (["unit", "log", "root"].includes(role)) throw new Problem("signature-missing", { who: "root" });
      const others = signers.filter((key) => key.vkey.text !== vkey); // nobody revokes themself
      this.need("unit", record, others, unit);
      this.need("reviewer", record, others, unit);
    }

    need(role, record, signers, unit) {
      let refused = null;
      for (const key of signers.filter((signer) => signer.role === role)) {
        if (key.revokedAt !== null) refused = new Problem("key-revoked", { key: key.vkey.name, at: key.revokedAt });
        else if (KeyRing.may(key, record, unit)) return;
        else refused = new Problem("key-may", { key: key.vkey.name });
      }
      throw refused ?? new Problem("signature-missing", { who: role });
    }

    static may(key, record, unit) {
      const { may } = key;
      if (!may.kinds.includes(record.kind)) return false;
      if (key.role === "unit" ? key.unit !== unit : may.units !== null && !may.units.includes(unit)) return false;
      if (record.kind === "post") {
        if (!may.why.includes(record.why) || !record.code.startsWith(may.prefix)) return false;
        return may.assets === null || record.postings.every(([asset]) => may.assets.includes(asset));
      }
      if (record.kind === "key") return may.certify.includes(record.fields.role);
      return record.kind !== "attest" || record.fields.code.startsWith(may.prefix);
    }

    start(entry) {
      const { record } = entry;
      if (record.kind !== "key" || record.fields.act !== "add" || record.fields.role !== "root") {
        throw new Problem("entry-zero");
      }
      this.streetUnit = record.fields.unit ?? "";
      const key = this.newKey(record, 0);
      this.remember(key);
      this.root = key;
      if (!this.signers(entry.text, entry.lines).includes(key)) throw new Problem("entry-zero");
    }

    apply(record, position) {
      const { act, role } = record.fields;
      if (act === "add") {
        if (role === "root") throw new Problem("key-bad", { why: "a second root" });
        this.remember(this.newKey(record, position));
        return;
      }
      const vkey = parseVkey(record.fields.vkey);
      const key = this.get(vkey.name, vkey.id);
      if (key === null || !same(key.vkey.raw, vkey.raw) || key.revokedAt !== null || key.role === "root") {
        throw new Problem("key-bad", { why: "nothing to revoke" });
      }
      if (key.role !== role || "unit" in record.fields || "may" in record.fields) {
        throw new Problem("key-bad", { why: "fields of the revocation" });
      }
      key.revokedAt = position;
    }

    remember(key) {
      const who = `${key.vkey.name} ${hex(key.vkey.id)}`;
      if (this.known.has(who) || this.publics.has(hex(key.vkey.raw))) {
        throw new Problem("key-bad", { why: "the public key stands in the log already" });
      }
      this.known.set(who, key);
      this.publics.add(hex(key.vkey.raw));
    }

    // 16. recovery: what comes next belongs to a later origin of the street
    goOn(record) {
      if (record.fields.code !== "ledger.recovery" || !follows(record.log, this.origin)) {
        throw new Problem("recovery-wrong", { why: "code or origin" });
      }
      this.origin = record.log;
    }

    newKey(record, position) {
      const { role, unit, may } = record.fields;
      const vkey = parseVkey(record.fields.vkey);
      const street = escaped(this.street);
      const pattern = {
        root: `${street}\\/root`,
        unit: `${street}\\/unit\\/${escaped(unit ?? "?")}`,
        reviewer: `${street}\\/reviewer\\/[1-9][0-9]{0,8}`,
        service: `${street}\\/service\\/${PLUGIN}`,
        log: escaped(this.origin),
      }[role];
      if (!whole(pattern).test(vkey.name)) throw new Problem("key-bad", { why: "name of the key" });
      if ((unit !== undefined) !== ["root", "unit", "reviewer"].includes(role)) throw new Problem("key-bad", { why: "unit" });
      const key = { vkey, role, unit: unit ?? null, may: null, addedAt: position, revokedAt: null };
      if (role === "root" || role === "log") {
        if (may !== undefined) throw new Problem("key-bad", { why: "may" });
        key.may = { kinds: [], why: [], certify: [], units: null, assets: null, prefix: "" };
      } else {
        key.may = parseMay(may, role, unit ?? null, this.streetUnit, vkey.name);
      }
      return key;
    }
  }

  // keys.note (end of section 7)

  const _keysHead = /^liren\/keys\/v1\norigin ([^\n]{1,130})\nroot ([^\n]{1,300})\n/;
  const _keysLine = /^(0|[1-9][0-9]{0,15}) ([A-Za-z0-9+/]+={0,2})$/;

  const parseKeys = (raw) => {
    const bad = (why) => {
      throw new Problem("keys-bad", { why });
    };
    const written = text(raw, "keys-bad");
    const match = _keysHead.exec(written);
    if (match === null || !_origin.test(match[1]) || !written.endsWith("\n")) bad("first lines");
    const entries = [];
    for (const row of written.slice(match[0].length, -1).split("\n")) {
      const parts = _keysLine.exec(row);
      const entry = parts ? unbase64(parts[2]) : null;
      if (entry === null || entry.length > MOST_RECORD + 32) bad(`line ${entries.length + 4}`);
      const position = Number(parts[1]);
      if (position > MOST || position <= (entries.length ? entries[entries.length - 1].position : -1)) bad("positions do not ascend");
      entries.push({ position, entry });
    }
    if (entries[0].position !== 0) bad("entry 0 is missing");
    return { origin: match[1], root: match[2], entries };
  };

  const checkTrust = (trusted, keys, say) => {
    const wrong = (why) => say("keys.note", "trust-mismatch", { why });
    if (streetOf(trusted.origin) !== streetOf(keys.origin)) return wrong("origin");
    if (trusted.root !== keys.root) return wrong("root");
    const size = keys.entries[keys.entries.length - 1].position + 1;
    const there = new Map(keys.entries.map(({ position, entry }) => [position, entry]));
    for (const { position, entry } of trusted.entries) {
      if (position < size && !(there.has(position) && same(there.get(position), entry))) return wrong(`entry ${position}`);
    }
    return undefined;
  };

  // Takes key entries in their order; positions are those the list claims.
  class Replay {
    constructor(origin, say) {
      this.ring = new KeyRing(origin);
      this.ended = new Map(); // earlier origins, and where each ended
      this.say = say;
      this.lastMs = 0;
      this.rids = new Set();
    }

    feed(entries) {
      for (const { position, entry: raw } of entries) {
        let place = `keys.note entry ${position}`;
        try {
          const entry = parseEntry(raw);
          if (entry.record.kind !== "key" && !recovers(entry.record)) throw new Problem("keys-bad", { why: "not a key record" });
          place = `entry ${position}`;
          this.take(entry, position, place);
        } catch (problem) {
          if (!(problem instanceof Problem)) throw problem;
          this.say(place, problem.code, problem.values);
        }
      }
    }

    take(entry, position, place) {
      const { record } = entry;
      if (position === 0 && follows(this.ring.origin, record.log)) this.ring.origin = record.log;
      if (record.log !== this.ring.origin && !recovers(record)) this.say(place, "log-wrong", { log: record.log });
      if (entry.admitted < this.lastMs) this.say(place, "time-back");
      this.lastMs = entry.admitted;
      if (this.rids.has(record.rid)) this.say(place, "rid-repeated", { rid: record.rid });
      this.rids.add(record.rid);
      if (position === 0) {
        this.ring.start(entry);
        return;
      }
      this.ring.authorise(record, this.ring.signers(entry.text, entry.lines));
      // Only what was entitled comes here: authorise throws.
      if (!recovers(record)) {
        this.ring.apply(record, position);
        return;
      }
      const before = this.ring.origin;
      this.ring.goOn(record);
      this.ended.set(before, position);
    }
  }

  // --- 10. openings

  const checkOpening = (raw, { record }) => {
    const opening = decode(raw, "opening-bad");
    const bad = (why) => {
      throw new Problem("opening-bad", { why });
    };
    if (!isObject(opening) || Object.keys(opening).sort().join() !== "format,part,rid,salt") bad("members");
    const { format, part, rid, salt } = opening;
    if (format !== "liren/opening/v1" || !isObject(part) || typeof salt !== "string") bad("format");
    const bare = unbase64url(salt, 32) ?? bad("salt");
    const personal = utf8(encode(part));
    if (personal.length > 2 ** 16) bad("part over 64 KiB");
    const commit = base64url(sha256(join(utf8("liren/commit/v1\n"), bare, personal)));
    if (rid !== record.rid || record.kind !== "post" || record.commit !== commit) throw new Problem("opening-mismatch");
    return part;
  };

  // Who keeps the keys that signed an entry: the street's own word.
  const checkCustody = (raw, { lines }) => {
    const bad = (why) => {
      throw new Problem("custody-bad", { why });
    };
    const value = decode(raw, "custody-bad");
    if (!isObject(value) || Object.keys(value).sort().join() !== "format,keys" || value.format !== "liren/custody/v1") bad("members");
    const names = lines.map(({ name }) => name);
    if (!isObject(value.keys) || !Object.keys(value.keys).every((name) => names.includes(name))) bad("keys");
    if (!Object.values(value.keys).every((kept) => typeof kept === "string" && CUSTODY.includes(kept))) bad("custody");
    return value.keys;
  };

  // --- 12. receipts

  const PROVEN = { entry: MOST_RECORD + 32, "proof.tlog-proof": 2 ** 18, "keys.note": 2 ** 24 };
  const RECEIPT = { ...PROVEN, "opening.json": 2 ** 17, "custody.json": 2 ** 14 };
  const CUSTODY = ["server", "device", "paper"];
  const STATEMENT = { ...PROVEN, "statement.json": 2 ** 18, "entries.bin": 2 ** 25 };

  const checkLog = ({ ring, ended }, checkpoint) => {
    const until = checkpoint.origin === ring.origin ? checkpoint.size : (ended.get(checkpoint.origin) ?? -1);
    if (checkpoint.size > until) throw new Problem("checkpoint-origin", { origin: checkpoint.origin });
    const signers = ring.signers(checkpoint.text, checkpoint.lines);
    // A key list taken from elsewhere may go further than this checkpoint: what counts is its own size.
    const valid = (key) => key.addedAt < checkpoint.size && (key.revokedAt === null || key.revokedAt >= checkpoint.size);
    if (!signers.some((key) => key.role === "log" && key.vkey.name === checkpoint.origin && valid(key))) throw new Problem("checkpoint-unsigned");
  };

  const judge = (say, keys, entry, raw, { index, path, checkpoint }, opening) => {
    const replay = new Replay(keys.origin, say);
    const attempt = (place, body) => {
      try {
        return body();
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        say(place, problem.code, problem.values);
        return null;
      }
    };
    replay.feed(keys.entries.filter(({ position }) => position < index));
    const listed = keys.entries.find(({ position }) => position === index);
    if (entry.record.kind === "key" || recovers(entry.record)) {
      if (!listed || !same(listed.entry, raw)) say("entry", "keys-mismatch");
    } else {
      if (entry.record.log !== replay.ring.origin) say("entry", "log-wrong", { log: entry.record.log });
      if (listed) say("keys.note", "keys-mismatch");
      attempt("entry", () => replay.ring.authorise(entry.record, replay.ring.signers(entry.text, entry.lines)));
    }
    replay.feed(keys.entries.filter(({ position }) => position >= index));
    const { root } = replay.ring;
    if (root === null || root.vkey.text !== keys.root) say("keys.note", "keys-bad", { why: "root" });
    else if (replay.ring.origin !== keys.origin) say("keys.note", "keys-bad", { why: "origin" });
    attempt("proof.tlog-proof", () => checkLog(replay, checkpoint));
    const reached = rootFromPath(leafHash(raw), index, checkpoint.size, path);
    if (reached === null || !same(reached, checkpoint.root)) say("proof.tlog-proof", "proof-wrong");
    const part = opening ? attempt("opening.json", () => checkOpening(opening(), entry)) : null;
    return { index, size: checkpoint.size, entry, part, root: keys.root, streetUnit: replay.ring.streetUnit };
  };

  // {findings: [[place, code, values]…], facts or null}
  const judged = (body) => {
    const findings = [];
    const say = (place, code, values = {}) => findings.push([place, code, values]);
    const facts = body(say);
    return { findings, facts: findings.length ? null : facts };
  };

  // Zip: what two readers of zip files would take for different contents is refused (section 12). Null: no such file.
  // Member → bytes, or null where they cannot be read.
  const directory = (file) => {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const u16 = (at) => view.getUint16(at, true);
    const u32 = (at) => view.getUint32(at, true);
    const latin = (at, n) => String.fromCharCode(...file.subarray(at, at + n));
    const end = file.length - 22;
    if (end < 0 || u32(end) !== 0x06054b50 || u16(end + 20) !== 0 || u32(end + 16) + u32(end + 12) !== end) return null;
    const rows = [];
    let at = u32(end + 16);
    while (at + 46 <= end && u32(at) === 0x02014b50 && file[at + 6] <= 63) {
      const sizes = { packed: u32(at + 20), size: u32(at + 24), start: u32(at + 42) };
      const [named, more] = [u16(at + 28), u16(at + 30)];
      const head = sizes.start;
      const inside = head + 30 <= end && u32(head) === 0x04034b50;
      const whole =
        inside && u16(head + 26) === named && latin(head + 30, named) === latin(at + 46, named) && !(u16(at + 8) & ~0x80e);
      const name = latin(at + 46, named).replace(/[^ -~]/g, "?"); // as the command shows it
      rows.push({ name, whole, crc: u32(at + 16), method: u16(at + 10), ...sizes });
      for (let field = at + 46 + named; field + 4 <= at + 46 + named + more; field += 4 + u16(field + 2)) {
        if (u16(field) === 1 || field + 4 + u16(field + 2) > at + 46 + named + more) return null;
      }
      at += 46 + named + more + u16(at + 32);
    }
    if (at !== end || rows.length !== u16(end + 10)) return null;
    return rows.length === 0 || Math.min(...rows.map((row) => row.start)) > 0 ? null : rows;
  };

  const crc32 = (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    return (crc ^ 0xffffffff) >>> 0;
  };

  const inflated = (file, { name, whole, crc, method, size }) => {
    if (!whole || (method !== 0 && method !== 8)) return null;
    let taken = 0;
    try {
      const bytes = unzipSync(file, { filter: (one) => one.name === name && (taken += 1) === 1 })[name];
      return bytes.length === size && crc32(bytes) === crc ? bytes : null;
    } catch {
      return null;
    }
  };

  const members = (file, say, expected, needed) => {
    let rows = null;
    try {
      rows = directory(file);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // an offset that leads out of the file
    }
    if (rows === null || !rows.some(({ name }) => needed.includes(name))) return null;
    const found = {};
    for (const row of rows) {
      if (Object.hasOwn(found, row.name) || !Object.hasOwn(expected, row.name)) say(row.name, "member-extra");
      else found[row.name] = row.size > expected[row.name] ? null : inflated(file, row);
    }
    return found;
  };

  // Reads the members of a file and judges them with body(read, found, say); null where the bytes are none of ours.
  const verifyMembers = (file, expected, needed, body) => {
    let usable = true;
    const result = judged((say) => {
      const found = members(file, say, expected, needed);
      usable = found !== null;
      if (!usable) return null;
      let place = "keys.note";
      const read = (name) => {
        place = name;
        if (!Object.hasOwn(found, name)) throw new Problem("member-missing");
        if (found[name] === null) throw new Problem("member-broken", { why: "damaged, or too large" });
        return found[name];
      };
      try {
        return body(read, found, say);
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        say(place, problem.code, problem.values);
        return null;
      }
    });
    return usable ? result : null;
  };

  const readProven = (read, trusted, say) => {
    const keys = parseKeys(read("keys.note"));
    if (trusted) checkTrust(trusted, keys, say);
    const proof = parseProof(read("proof.tlog-proof"));
    const raw = read("entry");
    return { keys, proof, raw, entry: parseEntry(raw) };
  };

  const checkReach = ({ keys, proof }, say) => {
    if (keys.entries[keys.entries.length - 1].position >= proof.checkpoint.size) {
      say("keys.note", "keys-bad", { why: "entries beyond the checkpoint" });
    }
  };

  // A .liren-receipt; null where the bytes are no receipt at all.
  const verifyReceipt = (file, trusted = null) =>
    verifyMembers(file, RECEIPT, ["entry", "proof.tlog-proof"], (read, found, say) => {
      const proven = readProven(read, trusted, say);
      checkReach(proven, say);
      const opening = Object.hasOwn(found, "opening.json") ? () => read("opening.json") : null;
      const facts = judge(say, proven.keys, proven.entry, proven.raw, proven.proof, opening);
      if (!Object.hasOwn(found, "custody.json")) return facts;
      const raw = read("custody.json");
      return { ...facts, custody: checkCustody(raw, proven.entry) };
    });

  // --- 12. monthly statement

  const TOLD = ["attest_salt", "balances", "entries", "format", "holder", "index", "leaves", "month", "path", "salt", "size"];
  const _holder = whole(RID);
  const _month = whole("[0-9]{4}-(?:0[1-9]|1[0-2])");
  const _asset = whole(ASSET);
  const _expiry = whole(`never|${DAY}`);
  const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
  const isText = (value, pattern) => typeof value === "string" && pattern.test(value);

  const parseTold = (raw) => {
    const bad = (why) => {
      throw new Problem("statement-bad", { why });
    };
    const told = decode(raw, "statement-bad");
    if (!isObject(told) || Object.keys(told).sort().join() !== TOLD.join() || told.format !== "liren/statement/v1") bad("members");
    for (const name of ["entries", "index", "leaves", "size"]) if (!isCount(told[name])) bad(name);
    if (!isText(told.holder, _holder)) bad("holder");
    if (!isText(told.month, _month)) bad("month");
    if (!Array.isArray(told.balances)) bad("balances");
    for (const lot of told.balances) {
      if (!Array.isArray(lot) || lot.length !== 3 || !isText(lot[0], _asset) || !isText(lot[1], _expiry)) bad("balances");
      if (!isCount(lot[2]) || lot[2] === 0) bad("balances");
    }
    const lots = told.balances.map(([asset, expiry]) => `${asset} ${expiry}`);
    if (lots.some((lot, i) => i > 0 && lots[i - 1] >= lot)) bad("balances do not ascend");
    if (!Array.isArray(told.path) || told.path.length > 64) bad("path");
    const bytes = (value, why) => (typeof value === "string" ? unbase64url(value, 32) : null) ?? bad(why);
    return {
      ...told,
      path: told.path.map((node) => bytes(node, "path")),
      salt: bytes(told.salt, "salt"),
      attestSalt: bytes(told.attest_salt, "attest_salt"),
    };
  };

  const frames = (raw) => {
    const found = [];
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const bad = () => {
      throw new Problem("statement-bad", { why: "entries.bin" });
    };
    for (let at = 0; at < raw.length; ) {
      if (at + 12 > raw.length) bad();
      const position = Number(view.getBigUint64(at));
      const length = view.getUint32(at + 8);
      at += 12 + length;
      if (at > raw.length || length === 0 || length > MOST_RECORD + 32 || position > MOST) bad();
      found.push({ position, entry: raw.slice(at - length, at) });
    }
    return found;
  };

  const u64 = (value) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    return bytes;
  };

  const checkRoot = (told, { record }, index, streetUnit) => {
    const wrong = (why) => {
      throw new Problem("statement-wrong", { why });
    };
    if (record.kind !== "attest") wrong("not an attest record");
    if (record.fields.subject !== `statement/${told.month}` || record.fields.code !== "ledger.statement") wrong("subject or code");
    if (record.unit !== streetUnit) wrong("unit");
    if (told.size > index) wrong("size");
    const leaf = leafHash(join(told.salt, utf8(encode([told.holder, told.balances, told.entries, told.size]))));
    const root = rootFromPath(leaf, told.index, told.leaves, told.path) ?? wrong("root");
    const digest = sha256(join(utf8("liren/attest/v1\n"), told.attestSalt, u64(told.leaves), root));
    if (base64url(digest) !== record.fields.digest) wrong("root");
  };

  // Signatures of the enclosed entries, and whether they add up to the leaf.
  const checkOwn = (told, own, keys, say) => {
    const replay = new Replay(keys.origin, () => {}); // the keys' own faults are told already
    const balances = new Map();
    const rids = new Set();
    let fed = 0;
    let last = -1;
    const take = ({ record, text: signed, lines }) => {
      if (record.log !== replay.ring.origin) throw new Problem("log-wrong", { log: record.log });
      if (rids.has(record.rid)) throw new Problem("rid-repeated", { rid: record.rid });
      rids.add(record.rid);
      if (record.kind !== "post") throw new Problem("statement-sum", { why: "not a post" });
      let named = false;
      for (const [asset, from, to, amount] of record.postings) {
        for (const [address, change] of [[from, -amount], [to, amount]]) {
          if (address[1] !== "/" || address.slice(2, 24) !== told.holder) continue;
          named = true;
          const lot = `${asset} ${address.slice(25)}`;
          balances.set(lot, (balances.get(lot) ?? 0) + change);
        }
      }
      if (!named) throw new Problem("statement-sum", { why: "does not name the holder" });
      replay.ring.authorise(record, replay.ring.signers(signed, lines));
    };
    for (const { position, entry } of own) {
      while (fed < keys.entries.length && keys.entries[fed].position < position) {
        replay.feed([keys.entries[fed]]);
        fed += 1;
      }
      try {
        if (!(last < position && position < told.size)) throw new Problem("statement-sum", { why: "positions" });
        last = position;
        take(parseEntry(entry));
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        say(`entry ${position}`, problem.code, problem.values);
      }
    }
    if (own.length !== told.entries) say("entries.bin", "statement-sum", { why: "number of entries" });
    const left = [...balances].filter(([, amount]) => amount !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
    const said = told.balances.map(([asset, expiry, amount]) => [`${asset} ${expiry}`, amount]);
    if (JSON.stringify(left) !== JSON.stringify(said)) say("entries.bin", "statement-sum", { why: "balances" });
  };

  // A .liren-statement; null where the bytes are none.
  const verifyStatement = (file, trusted = null) =>
    verifyMembers(file, STATEMENT, ["statement.json"], (read, _, say) => {
      const proven = readProven(read, trusted, say);
      const told = parseTold(read("statement.json"));
      const own = frames(read("entries.bin"));
      checkReach(proven, say);
      const facts = judge(say, proven.keys, proven.entry, proven.raw, proven.proof, null);
      try {
        checkRoot(told, proven.entry, proven.proof.index, facts.streetUnit);
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        say("statement.json", problem.code, problem.values);
      }
      checkOwn(told, own, proven.keys, say);
      return { ...facts, told };
    });

  // Either kind of file; null where the bytes are neither.
  const verifyFile = (file, trusted = null) => verifyStatement(file, trusted) ?? verifyReceipt(file, trusted);

  // --- 12. paper: two codes

  class Bytes {
    constructor(bytes) {
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.bytes = bytes;
      this.at = 0;
    }

    take(n) {
      if (this.at + n > this.bytes.length) throw new Problem("paper-bad", { why: "too short" });
      this.at += n;
      return this.bytes.slice(this.at - n, this.at);
    }

    number(n) {
      const value = this.take(n).reduce((sum, byte) => sum * 256 + byte, 0);
      if (value > MOST) throw new Problem("paper-bad", { why: "number" });
      return value;
    }

    get left() {
      return this.bytes.length - this.at;
    }
  }

  // "A" or "B" and the bytes of a paper code: its address, or the base32 alone after "A/" or "B/".
  const readPaper = (code) => {
    const match = /(?:^|\/)([AB])\/([A-Z2-7]+)$/.exec(code.trim().toUpperCase());
    const bytes = match ? unbase32(match[2]) : null;
    if (bytes === null || bytes.length < 11 || bytes[0] !== 1) throw new Problem("paper-bad", { why: "not a code of a receipt" });
    return { half: match[1], bytes };
  };

  // The entry that code A stands for, with the key names of keys.note.
  const entryOf = (bytes, ring) => {
    const reader = new Bytes(bytes);
    reader.take(1);
    const admitted = reader.number(8);
    const signed = reader.take(reader.number(2));
    const lines = [];
    while (reader.left > 0) {
      const blob = reader.take(68);
      const key = [...ring.known.values()].find(({ vkey }) => same(vkey.id, blob.slice(0, 4)));
      if (!key) throw new Problem("signature-missing", { who: hex(blob.slice(0, 4)) });
      lines.push(`— ${key.vkey.name} ${base64(blob)}\n`);
    }
    return join(utf8(`liren/entry/v1 ${admitted}\n`), signed, utf8(`\n${lines.join("")}`));
  };

  const proofOf = (bytes, raw, ring) => {
    const reader = new Bytes(bytes);
    reader.take(1);
    const index = reader.number(8);
    const size = reader.number(8);
    const path = Array.from({ length: reader.number(1) }, () => reader.take(32));
    const id = reader.take(4);
    const signature = reader.take(64);
    if (reader.left > 0) throw new Problem("paper-bad", { why: "too long" });
    const root = rootFromPath(leafHash(raw), index, size, path);
    if (root === null) throw new Problem("proof-wrong");
    const key = [...ring.known.values()].find(({ vkey }) => same(vkey.id, id));
    const origin = key ? key.vkey.name : ring.origin; // a log key is named after its log
    const signed = utf8(`${origin}\n${size}\n${base64(root)}\n`);
    return { index, path, checkpoint: { origin, size, root, text: signed, lines: [{ name: origin, id, signature }] } };
  };

  // Both codes of a printed receipt, against a key list one trusts.
  const verifyPaper = (codeA, codeB, keys) =>
    judged((say) => {
      let place = "A";
      try {
        const a = readPaper(codeA);
        place = "B";
        const b = readPaper(codeB);
        if (a.half !== "A" || b.half !== "B") throw new Problem("paper-bad", { why: "A and B" });
        const replay = new Replay(keys.origin, () => {});
        replay.feed(keys.entries);
        place = "A";
        const raw = entryOf(a.bytes, replay.ring);
        const entry = parseEntry(raw);
        place = "B";
        const proof = proofOf(b.bytes, raw, replay.ring);
        return judge(say, keys, entry, raw, proof, null);
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        say(place, problem.code, problem.values);
        return null;
      }
    });

  return { parseKeys, verifyFile, verifyReceipt, verifyPaper, readPaper, fingerprint, Problem };
})();
