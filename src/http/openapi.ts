import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { programVersion } from '../config/program-version.js';
import { problemSchema } from './dto/problem.dto.js';

const description = `A distributed key-value store on Raft.

Every route reads its body as JSON in UTF-8 whatever the content type says; a charset other than UTF-8 and a compressed
body are answered 415, a body above the limit 413, headers above 16 KiB 431, a request that arrives too slowly 408.
A parameter that a route does not take, or takes twice, is answered 400. In a query, \`+\` is a space.
A path that exists under other methods is answered 405 with \`Allow\`. A write that a browser makes for a page of
another site (\`Sec-Fetch-Site: cross-site\`) is answered 403.

Errors are \`application/problem+json\`; their \`code\` says which one it is.`;

/** The OpenAPI document of the application, made from its controllers. */
export function makeDocument(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('raftdb')
    .setDescription(description)
    .setVersion(programVersion)
    .addTag('keys', 'Reading and writing.')
    .addTag('cluster', 'Members and their state.')
    .addTag('health', 'For probes.')
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (_controller, method) => method,
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? { schema: jsonSchema(schema, schemaType) } : undefined,
  });
  const components = { ...document.components };
  components.schemas = { ...components.schemas, Problem: jsonSchema(problemSchema, 'output') };
  return { ...document, components };
}

/** Serves the explorer at `/docs` and the document at `/docs/openapi.json`; both work without a leader. */
export function setUpExplorer(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => makeDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'raftdb',
    // The bar shows the name of the explorer alone.
    customCss: '.swagger-ui .topbar { display: none }',
  });
}

type SchemaObject = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

/** JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): SchemaObject {
  // The dialect is the one of the document and stands nowhere in it.
  const members = Object.entries(z.toJSONSchema(schema, { io })).filter(([name]) => name !== '$schema');
  return Object.fromEntries(members);
}
