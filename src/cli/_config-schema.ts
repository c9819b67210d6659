/** JSON Schema of the whole configuration, with the pieces of every driver, port and scene that there is: for editors, and to read. */
import { z } from 'zod';
import { SCHEMA } from '../configuration.js';
import type { Driver, Port } from '../contracts.js';
import { driverNames } from '../station/devices.js';
import { isDeskScene, loadScene, sceneNames } from '../station/scene.js';

type Schema = z.core.JSONSchema.JSONSchema;

/** What a file may say; defaults need not be written. Draft 7, which editors know best. */
const schemaOf = (piece: z.ZodType): Schema => {
  const { $schema: _, ...schema } = z.toJSONSchema(piece, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  return schema;
};

export async function configurationSchema(): Promise<Schema> {
  const whole = structuredClone(schemaOf(SCHEMA)) as Deep;
  const station = at(whole, 'properties', 'stations', 'items');
  const device = at(station, 'properties', 'devices', 'items');
  const seated = at(station, 'properties', 'scenes', 'items');
  const scenes = await Promise.all(sceneNames().map(sceneCase));
  const drivers = await Promise.all(driverNames().map(driverCase));
  for (const [place, desk] of [
    [station, false],
    [seated, true],
  ] as const) {
    const mine = scenes.filter((one) => one.desk === desk);
    at(place, 'properties', 'scene')['enum'] = mine.map(({ name }) => name);
    place['allOf'] = mine.map(({ rule }) => rule);
  }
  at(device, 'properties', 'driver')['enum'] = driverNames();
  device['allOf'] = drivers.map(({ rule }) => rule);
  whole['definitions'] = Object.fromEntries(drivers.map(({ port, address }) => [port, address]));
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'ankang terminal', ...whole };
}

type Deep = Record<string, unknown>;

function at(schema: Deep, ...path: readonly string[]): Deep {
  return path.reduce((inside, step) => {
    const next = inside[step];
    if (typeof next !== 'object' || next === null) throw new Error(`the schema of the configuration has no ${path.join('.')}`);
    return next as Deep;
  }, schema);
}

/** `if` and `then` of JSON Schema. */
const when = (properties: Record<string, Schema>, piece: Schema): Schema =>
  Object.fromEntries<Schema>([
    ['if', { properties }],
    ['then', piece],
  ]);

async function sceneCase(name: string): Promise<{ readonly name: string; readonly desk: boolean; readonly rule: Schema }> {
  const scene = await loadScene(name);
  if (!scene) throw new Error(`no scene is called ${name}`);
  const { zh, en } = scene.title;
  const rule = when({ scene: { const: name } }, { title: `${zh} · ${en}`, properties: { settings: schemaOf(scene.settings) } });
  return { name, desk: isDeskScene(scene), rule };
}

/** Ports that several drivers share stand once, under `definitions`. */
async function driverCase(name: string): Promise<{ readonly port: string; readonly address: Schema; readonly rule: Schema }> {
  const driver = ((await import(new URL(`../../drivers/${name}.js`, import.meta.url).href)) as { default: Driver }).default;
  const port = ((await import(new URL(`../ports/${driver.port}.js`, import.meta.url).href)) as { default: Port }).default;
  const pieces = { address: { $ref: `#/definitions/${driver.port}` }, settings: schemaOf(driver.settings) };
  return {
    port: driver.port,
    address: schemaOf(port.address),
    rule: when({ driver: { const: name } }, { properties: pieces }),
  };
}
