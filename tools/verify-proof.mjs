// Checks a proof of one transaction: one file, no dependencies, for node and for browsers.
//
//   node tools/verify-proof.mjs PROOF.json [--sealer 0xADDRESS]
//
// Exit code 0 when it holds, 1 when it does not. Without --sealer a proof is only as good as the address it names: compare
// it with one that you remember. docs/chain.md specifies every step.

const bytesOf = (hex) => {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(hex)) throw new Error(`not hexadecimal: ${hex}`);
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16));
};
const hexOf = (bytes) => '0x' + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const concat = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const numberOf = (bytes) => BigInt(bytes.length ? hexOf(bytes) : 0);
const word = (number) => bytesOf('0x' + BigInt.asUintN(256, BigInt(number)).toString(16).padStart(64, '0'));
const utf8 = (text) => new TextEncoder().encode(text);
const sized = (hex, size) => {
  const bytes = bytesOf(hex);
  if (bytes.length !== size) throw new Error(`${size} bytes expected: ${hex}`);
  return bytes;
};

// Keccak-256 with Ethereum's padding: the permutation of FIPS 202, section 3.
export function keccak256(message) {
  const rate = 136;
  const padded = new Uint8Array((Math.floor(message.length / rate) + 1) * rate);
  padded.set(message);
  padded[message.length] ^= 0x01;
  padded[padded.length - 1] ^= 0x80;
  const mask = (1n << 64n) - 1n;
  const rotate = (lane, by) => ((lane << BigInt(by % 64)) | (lane >> BigInt(64 - (by % 64)))) & mask;
  const lanes = Array.from({ length: 5 }, () => new Array(5).fill(0n));
  for (let block = 0; block < padded.length; block += rate) {
    for (let i = 0; i < rate / 8; i++) {
      lanes[i % 5][Math.floor(i / 5)] ^= numberOf(padded.slice(block + 8 * i, block + 8 * i + 8).reverse());
    }
    for (let round = 0, feedback = 1; round < 24; round++) {
      const columns = lanes.map((column) => column.reduce((a, b) => a ^ b));
      for (let x = 0; x < 5; x++) {
        const theta = columns[(x + 4) % 5] ^ rotate(columns[(x + 1) % 5], 1);
        for (let y = 0; y < 5; y++) lanes[x][y] ^= theta;
      }
      let [x, y, current] = [1, 0, lanes[1][0]];
      for (let t = 0; t < 24; t++) {
        [x, y] = [y, (2 * x + 3 * y) % 5];
        [current, lanes[x][y]] = [lanes[x][y], rotate(current, ((t + 1) * (t + 2)) / 2)];
      }
      for (y = 0; y < 5; y++) {
        const row = lanes.map((column) => column[y]);
        for (x = 0; x < 5; x++) lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & mask & row[(x + 2) % 5]);
      }
      for (let j = 0; j < 7; j++) {
        feedback = ((feedback << 1) ^ ((feedback >> 7) * 0x71)) % 256;
        if (feedback & 2) lanes[0][0] ^= 1n << BigInt((1 << j) - 1);
      }
    }
  }
  return concat(...[0, 1, 2, 3].map((i) => word(lanes[i][0]).slice(24).reverse()));
}

// Public key recovery over secp256k1 (SEC 1, section 4.1.6).
const P = 2n ** 256n - 2n ** 32n - 977n;
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = [0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n];
const mod = (a, m) => ((a % m) + m) % m;
const power = (base, exponent, m) => {
  let result = 1n;
  for (base = mod(base, m); exponent > 0n; exponent >>= 1n, base = (base * base) % m) if (exponent & 1n) result = (result * base) % m;
  return result;
};
const inverse = (a, m) => power(a, m - 2n, m);
const add = (a, b) => {
  if (!a || !b) return a ?? b;
  if (a[0] === b[0] && mod(a[1] + b[1], P) === 0n) return null;
  const slope = a[0] === b[0] ? 3n * a[0] * a[0] * inverse(2n * a[1], P) : (b[1] - a[1]) * inverse(b[0] - a[0], P);
  const x = mod(slope * slope - a[0] - b[0], P);
  return [x, mod(slope * (a[0] - x) - a[1], P)];
};
const times = (point, scalar) => {
  let result = null;
  for (; scalar > 0n; scalar >>= 1n, point = add(point, point)) if (scalar & 1n) result = add(result, point);
  return result;
};

export function recoverAddress(digest, signature) {
  const [r, s, v] = [numberOf(signature.slice(0, 32)), numberOf(signature.slice(32, 64)), signature[64]];
  if (signature.length !== 65 || r === 0n || r >= N || s === 0n || s > N / 2n || (v !== 27 && v !== 28)) return null;
  const square = mod(r ** 3n + 7n, P);
  let y = power(square, (P + 1n) / 4n, P);
  if ((y * y) % P !== square) return null;
  if (Number(y & 1n) !== v - 27) y = P - y;
  const inverseR = inverse(r, N);
  const key = add(times([r, y], mod(s * inverseR, N)), times(G, mod(-numberOf(digest) * inverseR, N)));
  return key && hexOf(keccak256(concat(word(key[0]), word(key[1]))).slice(12));
}

// EIP-712 typed data of a block's header.
const TYPES = {
  EIP712Domain: [['name', 'string'], ['version', 'string'], ['salt', 'bytes32']],
  Block: [['height', 'uint64'], ['previous', 'bytes32'], ['root', 'bytes32'], ['count', 'uint64'], ['time', 'uint64'],
    ['epoch', 'uint128'], ['logSize', 'uint64'], ['logRoot', 'bytes32'], ['sealer', 'address']],
};
const encodeValue = (type, value) => {
  if (type === 'string') return keccak256(utf8(value));
  if (type === 'bytes32') return sized(value, 32);
  if (type === 'address') return concat(new Uint8Array(12), sized(value, 20));
  if (!/^[0-9]+$/.test(value) || BigInt(value) >= 1n << BigInt(type.slice(4))) throw new Error(`not a ${type}: ${value}`);
  return word(value);
};
const hashStruct = (name, value) => keccak256(concat(
  keccak256(utf8(`${name}(${TYPES[name].map(([member, type]) => `${type} ${member}`).join(',')})`)),
  ...TYPES[name].map(([member, type]) => encodeValue(type, value[member]))));

function digestOf(typedData, ledger) {
  const { domain, types, primaryType, message } = typedData;
  const given = JSON.stringify(Object.entries(types).sort().map(([name, members]) => [name, members.map((m) => [m.name, m.type])]));
  if (given !== JSON.stringify(Object.entries(TYPES).sort()) || primaryType !== 'Block') throw new Error('not the typed data of a block');
  if (domain.name !== 'Humanitarian' || domain.version !== '1' || domain.salt !== hexOf(keccak256(sized('0x' + ledger, 16)))) {
    throw new Error('not the typed data of this ledger');
  }
  return keccak256(concat(bytesOf('0x1901'), hashStruct('EIP712Domain', domain), hashStruct('Block', message)));
}

// OpenZeppelin's StandardMerkleTree: leaves hashed twice, siblings in sorted order.
const leafHash = (values) => keccak256(keccak256(concat(sized(values[0], 32), encodeValue('uint256', values[1]), sized(values[2], 32))));
const rootOf = (leaf, proof) => hexOf(proof.reduce((node, sibling) => {
  const other = sized(sibling, 32);
  return keccak256(hexOf(node) <= hexOf(other) ? concat(node, other) : concat(other, node));
}, leaf));

// RFC 9162, sections 2.1.3.2 and 2.1.4.2.
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));
const nodeHash = (left, right) => sha256([1], left, right);

async function holds(root, size, index, leaf, path) {
  if (index >= size) return false;
  let [place, last, node] = [index, size - 1n, await sha256([0], leaf)];
  for (const sibling of path.map((hex) => sized(hex, 32))) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      node = await nodeHash(sibling, node);
      while (!(place & 1n) && place !== 0n) [place, last] = [place >> 1n, last >> 1n];
    } else {
      node = await nodeHash(node, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && hexOf(node) === root;
}

async function continues(first, firstRoot, second, secondRoot, path) {
  if (first > second) return false;
  if (first === second) return path.length === 0 && firstRoot === secondRoot;
  if (first === 0n) return path.length === 0;
  const [start, ...rest] = ((first & (first - 1n)) === 0n ? [firstRoot, ...path] : path).map((hex) => sized(hex, 32));
  if (!start) return false;
  let [place, last, a, b] = [first - 1n, second - 1n, start, start];
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n];
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      [a, b] = [await nodeHash(sibling, a), await nodeHash(sibling, b)];
      while (!(place & 1n) && place !== 0n) [place, last] = [place >> 1n, last >> 1n];
    } else {
      b = await nodeHash(b, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && hexOf(a) === firstRoot && hexOf(b) === secondRoot;
}

// The root of the chunk that a transaction's open part names: everything before it is passed over. Chunks write no records.
function chunkRootOf(open) {
  let at = 0;
  const take = (count) => {
    if (at + count > open.length) throw new Error('the open part is cut short');
    return open.slice(at, (at += count));
  };
  const number = () => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const [part] = take(1);
      value |= BigInt(part & 0x7f) << shift;
      if (part < 0x80) return Number(value);
    }
  };
  const list = (read) => { for (let count = number(); count > 0; count--) read(); };
  if (take(1)[0] !== 1) throw new Error('unknown version of the open part');
  take(17);
  number();
  number();
  const has = number();
  for (const bit of [1, 2, 4]) if (has & bit) take(16);
  if (has & 8) number();
  if (has & 16) list(() => take(number()));
  if (has & 32) take(32);
  for (const bit of [64, 128]) if (has & bit) list(() => take(16));
  if (has & 256) list(() => { take(17); number(); });
  if (has & 512) throw new Error('a chunk writes no records');
  if (has & 1024) {
    list(() => take(number()));
    list(() => take(16));
    list(() => {
      if (take(1)[0] & 1) number(); else take(16);
      number();
      number();
      number();
    });
  }
  if (has & 2048) list(() => take(32));
  if (has & 4096) list(() => { take(16); number(); take(65); });
  if (!(has & 8192)) throw new Error('the transaction has no chunk');
  number();
  return hexOf(take(32));
}

function sealerOf(typedData, signature, ledger) {
  const digest = digestOf(typedData, ledger);
  const address = recoverAddress(digest, bytesOf(signature));
  if (address !== typedData.message.sealer.toLowerCase()) throw new Error('the signature is not the sealer\'s');
  return { digest, address };
}

/** Returns what the proof shows, in lines; throws an Error that says what does not hold. */
export async function verifyProof(proof, sealer) {
  if (proof.format !== 'humanitarian-transaction-proof' || proof.version !== 1) throw new Error('this is no transaction proof of version 1');
  const header = proof.typedData.message;
  const block = sealerOf(proof.typedData, proof.signature, proof.ledger);
  if (sealer && block.address !== sealer.toLowerCase()) throw new Error(`the block is sealed by ${header.sealer}, not by the sealer expected`);
  if (hexOf(block.digest) !== proof.blockHash) throw new Error('the block\'s hash is another');
  if (proof.leaf.values[0] !== proof.transaction || rootOf(leafHash(proof.leaf.values), proof.proof) !== header.root) {
    throw new Error('the transaction is not in the block');
  }
  const shown = [
    `transaction ${proof.transaction}`,
    `is number ${proof.leaf.values[1]} of block ${header.height} of ledger ${proof.ledger}, sealed by ${header.sealer} at ${new Date(Number(header.time)).toISOString()}`,
  ];
  if (proof.later) {
    const { typedData, signature, inclusion, consistency } = proof.later;
    const later = typedData.message;
    sealerOf(typedData, signature, proof.ledger);
    if (!await holds(later.logRoot, BigInt(later.logSize), BigInt(header.height), block.digest, inclusion)) {
      throw new Error('the later head\'s log does not hold the block');
    }
    if (!await continues(BigInt(header.logSize), header.logRoot, BigInt(later.logSize), later.logRoot, consistency)) {
      throw new Error('the later head\'s log does not continue the block\'s');
    }
    shown.push(`and stands in the log of block ${later.height}, sealed by ${later.sealer}`);
  }
  if (proof.line) {
    const { open, closedHash, root, leaf, proof: siblings } = proof.line;
    if (hexOf(keccak256(concat(bytesOf(open), sized(closedHash, 32)))) !== proof.transaction || chunkRootOf(bytesOf(open)) !== root) {
      throw new Error('the line\'s chunk is not this transaction\'s');
    }
    if (rootOf(leafHash(leaf.values), siblings) !== root) throw new Error('the line is not in the chunk');
    shown.push(`its chunk's list holds a line of ${leaf.values[1]} minor units for account ${leaf.values[0].slice(2, 34)}`);
  }
  return shown;
}

if (typeof process !== 'undefined' && process.argv[1] && import.meta.url.endsWith(process.argv[1].split('/').pop())) {
  const { readFile } = await import('node:fs/promises');
  const [file, option, sealer] = process.argv.slice(2);
  if (!file || (option && (option !== '--sealer' || !sealer))) {
    console.error('usage: node verify-proof.mjs PROOF.json [--sealer 0xADDRESS]');
    process.exit(2);
  }
  try {
    for (const line of await verifyProof(JSON.parse(await readFile(file, 'utf8')), sealer)) console.log(line);
    if (!sealer) console.log('No sealer was given: compare the address above with one that you remember.');
  } catch (fault) {
    console.error(`The proof does not hold: ${fault.message}.`);
    process.exitCode = 1;
  }
}
