// The description of the API as OpenAPI 3.1, put together of the operations beside the routes.

import { SCOPES } from '../../account/scopes.ts';
import { accountOperations } from './account-operations.ts';
import { authOperations } from './auth-operations.ts';
import { memberOperations } from './member-operations.ts';
import { networkOperations } from './network-operations.ts';
import { type Operation, type Operations, reference, type Schema } from './operation.ts';
import { policyOperations } from './policy-operations.ts';
import { SCHEMAS } from './schemas.ts';

export const OPERATIONS: Operations = {
  ...networkOperations,
  ...memberOperations,
  ...policyOperations,
  ...accountOperations,
  ...authOperations,
};

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Schema;
  readonly servers: readonly Schema[];
  readonly security: readonly Schema[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Schema;
}

export function openApiDocument(): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [route, operation] of Object.entries(OPERATIONS)) {
    const [method, path] = route.split(' ') as [string, string];
    const servers = path.startsWith('/auth/') ? { servers: [{ url: '/' }] } : {};
    paths[path] = { ...servers, ...paths[path], [method.toLowerCase()]: described(path, operation) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Culvert', version: '1', description: 'Networks, devices, sites and people of one organisation.' },
    servers: [{ url: '/api' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: { schemas: SCHEMAS, securitySchemes: SECURITY },
  };
}

const SECURITY = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: `An API token (cvt_...) with scopes of ${SCOPES.join(', ')}; or the operator token, for all organisations.`,
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'culvert.session_token',
    description:
      "The console's cookie. What changes something needs the header 'X-Culvert-Request: 1' and our own origin.",
  },
};

/** Any call may be answered with these. */
const ALWAYS: Readonly<Record<string, string>> = {
  401: 'Nobody who is known: unauthorised.',
  403: 'Known, but not allowed: forbidden, foreign-request, or what the operation says.',
  404: 'There is no such thing in the organisation, whether there is in another or not.',
};

function described(path: string, { summary, description, scope, query, body, success, refusals }: Operation) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(query ?? {}).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
  ];
  const content =
    'file' in success
      ? { [success.file]: { schema: { type: 'string' } } }
      : { 'application/json': { schema: success.schema } };
  const error = (text: string) => ({
    description: text,
    content: { 'application/json': { schema: reference('Error') } },
  });
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    ...(scope === 'public' ? { security: [] } : { 'x-culvert-scope': scope }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      [success.status]: { description: 'Done.', content },
      ...(scope === 'public'
        ? {}
        : Object.fromEntries(Object.entries(ALWAYS).map(([status, text]) => [status, error(text)]))),
      default: error(refusals === undefined ? 'Refused.' : `Refused, such as: ${refusals.join(', ')}.`),
    },
  };
}
