/** Fields of the configuration that the environment sets: `ANKANG__UPLINK__URL` stands for uplink.url. */
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigurationError } from './faults.js';

export type Environment = Readonly<Record<string, string | undefined>>;
const OVERRIDE = /^ANKANG__([A-Z]+)__([A-Z0-9]+)$/;

interface Override {
  readonly variable: string;
  readonly at: readonly [section: string, field: string];
  /** Read as YAML, as it would stand in the file. */
  readonly value: unknown;
}

/** Fields of sections only: which station of a list is meant would change with the file. @throws ConfigurationError */
export function overridesIn(environment: Environment, schema: z.ZodObject): readonly Override[] {
  return Object.entries(environment).flatMap(([variable, text]): readonly Override[] => {
    if (text === undefined || !variable.startsWith('ANKANG__')) return [];
    const [, section, field] = OVERRIDE.exec(variable) ?? [];
    const inside = field === undefined ? undefined : keyLike(schema.shape, section);
    const [name, fields] = inside ?? [];
    const key = name === undefined ? undefined : keyLike(fieldsOf(fields), field)?.[0];
    if (name === undefined || key === undefined) {
      throw new ConfigurationError([`${variable} 没有这个配置项 · the configuration has no such field`]);
    }
    return [{ variable, at: [name, key], value: scalar(variable, text) }];
  });
}

/** What is no section is left for the schema to refuse. */
export function overlaid(raw: unknown, { at: [section, field], value }: Override): unknown {
  if (!isMap(raw)) return raw;
  const before = raw[section] ?? {};
  return isMap(before) ? { ...raw, [section]: { ...before, [field]: value } } : raw;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function keyLike(shape: Readonly<Record<string, unknown>>, wanted: string | undefined): readonly [string, unknown] | undefined {
  return Object.entries(shape).find(([key]) => key.toUpperCase() === wanted);
}

/** A section, be it optional or with defaults; a list has no fields. */
function fieldsOf(section: unknown): Readonly<Record<string, unknown>> {
  if (section instanceof z.ZodOptional || section instanceof z.ZodPrefault) return fieldsOf(section.unwrap());
  return section instanceof z.ZodObject ? section.shape : {};
}

function scalar(variable: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new ConfigurationError([`${variable} YAML 语法错误 · ${reason}`]);
  }
}
