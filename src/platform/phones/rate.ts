/** So many requests an address and a minute, of a bounded number of addresses; all together have a limit of their own. */
export interface Rate {
  /** False: too many. */
  allows(address: string, now: number): boolean;
}

const MINUTE = 60_000;
const MOST_ADDRESSES = 10_000;

interface Bucket {
  left: number;
  at: number;
}

export function createRate({ each, all }: { readonly each: number; readonly all: number }): Rate {
  const buckets = new Map<string, Bucket>();
  const whole: Bucket = { left: all, at: 0 };
  const take = (bucket: Bucket, most: number, now: number): boolean => {
    bucket.left = Math.min(most, bucket.left + (Math.max(0, now - bucket.at) * most) / MINUTE);
    bucket.at = now;
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  };
  const bucketOf = (address: string, now: number): Bucket => {
    const bucket = buckets.get(address) ?? { left: each, at: now };
    // The one that was not seen for longest is forgotten first.
    buckets.delete(address);
    buckets.set(address, bucket);
    for (const oldest of buckets.keys()) if (buckets.size > MOST_ADDRESSES) buckets.delete(oldest);
    return bucket;
  };
  return { allows: (address, now) => take(bucketOf(address, now), each, now) && take(whole, all, now) };
}
