/** The list of items that this county has published last, read once for each version. */
import { decodeCbor } from '../../crypto/cbor.js';
import type { Item } from '../../messages/items.js';
import { type Search, searchOver } from '../../messages/search.js';
import type { TrustStore } from '../store.js';

let last: { readonly bytes: Uint8Array; readonly search: Search | undefined } | undefined;

export async function itemsInForce(store: Pick<TrustStore, 'data'>): Promise<Search | undefined> {
  const bytes = (await store.data()).get('items');
  if (!bytes) return undefined;
  if (!last || Buffer.compare(last.bytes, bytes) !== 0) last = { bytes, search: searchOver(decodeCbor(bytes)) };
  return last.search;
}

export async function itemInForce(store: Pick<TrustStore, 'data'>, code: string): Promise<Item | undefined> {
  return (await itemsInForce(store))?.item(code);
}
