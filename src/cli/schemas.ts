/** `ankang schemas`: writes the AsyncAPI document and the JSON Schemas of all messages, as they stand under docs/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../main.js';
import { asyncApi, messageSchemas } from './_asyncapi.js';
import { atDisk } from './_county-order.js';
import type { Command } from './command.js';

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function write(folder: string): void {
  atDisk(() => {
    mkdirSync(join(folder, 'schemas'), { recursive: true });
    writeFileSync(join(folder, 'asyncapi.json'), text(asyncApi(VERSION)));
    for (const [name, schema] of Object.entries(messageSchemas())) writeFileSync(join(folder, 'schemas', `${name}.json`), text(schema));
  });
}

export default {
  summary: { zh: '写出 AsyncAPI 文档与各消息的 JSON Schema', en: 'writes the AsyncAPI document and the JSON Schemas of the messages' },
  configure: (command) => void command.argument('<folder>', '写到此文件夹 · into this folder').action(write),
} satisfies Command;
