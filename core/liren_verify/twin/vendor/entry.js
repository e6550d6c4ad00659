import { ExtendedPoint } from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { unzipSync } from "fflate";
export { ExtendedPoint, sha256, sha512, unzipSync };
