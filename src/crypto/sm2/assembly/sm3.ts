// SM3 (GB/T 32905) of a short text that stands in memory with room for its padding behind it.

const START: usize = memory.data<u32>([
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
], 16);

const BLOCK: usize = 64;
const STATE: usize = memory.data(32, 16);
const WORDS: usize = memory.data(68 * 4, 16);
const CONSTANTS: usize = memory.data(64 * 4, 16);

/** Lays the round constants out; to be called once. */
export function startSm3(): void {
  for (let round = 0; round < 64; round++) {
    store<u32>(CONSTANTS + 4 * round, rotl<u32>(round < 16 ? 0x79cc4519 : 0x7a879d8a, round & 31));
  }
}

/** Digest, 32 octets, of `length` octets; up to 72 octets behind the text are written over. */
export function sm3(to: usize, text: usize, length: usize): void {
  const end = (length + 9 + BLOCK - 1) & ~(BLOCK - 1);
  memory.fill(text + length, 0, end - length);
  store<u8>(text + length, 0x80);
  store<u64>(text + end - 8, bswap<u64>(u64(length) * 8));
  memory.copy(STATE, START, 32);
  for (let at: usize = 0; at < end; at += BLOCK) compress(text + at);
  for (let at: usize = 0; at < 32; at += 4) store<u32>(to + at, bswap<u32>(load<u32>(STATE + at)));
}

/** 5.3.2: message expansion, words 0 to 67. */
// @ts-ignore: decorator
@inline
function expand(block: usize): void {
  for (let at: usize = 0; at < BLOCK; at += 4) store<u32>(WORDS + at, bswap<u32>(load<u32>(block + at)));
  for (let at: usize = WORDS + BLOCK; at < WORDS + 68 * 4; at += 4) {
    const mixed = load<u32>(at - 64) ^ load<u32>(at - 36) ^ rotl<u32>(load<u32>(at - 12), 15);
    const p1 = mixed ^ rotl<u32>(mixed, 15) ^ rotl<u32>(mixed, 23);
    store<u32>(at, p1 ^ rotl<u32>(load<u32>(at - 52), 7) ^ load<u32>(at - 24));
  }
}

/** 5.3.3: compression of one block into the state. */
function compress(block: usize): void {
  expand(block);
  let a = load<u32>(STATE), b = load<u32>(STATE, 4), c = load<u32>(STATE, 8), d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16), f = load<u32>(STATE, 20), g = load<u32>(STATE, 24), h = load<u32>(STATE, 28);
  for (let at: usize = 0; at < 256; at += 4) {
    const a12 = rotl<u32>(a, 12);
    const ss1 = rotl<u32>(a12 + e + load<u32>(CONSTANTS + at), 7);
    const word = load<u32>(WORDS + at);
    const ff = at < 64 ? a ^ b ^ c : (a & b) | (c & (a | b));
    const gg = at < 64 ? e ^ f ^ g : ((f ^ g) & e) ^ g;
    const tt1 = ff + d + (ss1 ^ a12) + (word ^ load<u32>(WORDS + at, 16));
    const tt2 = gg + h + ss1 + word;
    d = c;
    c = rotl<u32>(b, 9);
    b = a;
    a = tt1;
    h = g;
    g = rotl<u32>(f, 19);
    f = e;
    e = tt2 ^ rotl<u32>(tt2, 9) ^ rotl<u32>(tt2, 17);
  }
  mix(0, a, b);
  mix(8, c, d);
  mix(16, e, f);
  mix(24, g, h);
}

// @ts-ignore: decorator
@inline
function mix(at: usize, first: u32, second: u32): void {
  store<u32>(STATE + at, load<u32>(STATE + at) ^ first);
  store<u32>(STATE + at + 4, load<u32>(STATE + at + 4) ^ second);
}
