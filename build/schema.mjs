/**
 * The JSON Schema of a PurserConfig, from the schema that explains refusals. `npm run schema` writes it beside the
 * examples, whose first lines name it to editors; test/examples.test.ts fails when it is not the newest.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { providers } from '../providers/index.ts';
import { configJsonSchema } from '../src/config-schema.ts';

export const schemaPath = fileURLToPath(new URL('../examples/config/purser-config.schema.json', import.meta.url));

/** The whole text of the file. */
export function schemaText() {
  return `${JSON.stringify(configJsonSchema(providers), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(schemaPath, schemaText());
