import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const service = z.object({
  build: z.string(),
  image: z.string(),
  hostname: z.string(),
  command: z.array(z.string()),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  stop_grace_period: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }),
});

const composeFile = z.object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) });

/** The part of docker-compose.yml that tests look at. */
export type ComposeFile = z.infer<typeof composeFile>;
export type ComposeService = z.infer<typeof service>;

/** docker-compose.yml as plain data, its merge keys resolved. */
export function rawComposeFile(): unknown {
  return parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), { merge: true });
}

export function readComposeFile(): ComposeFile {
  return composeFile.parse(rawComposeFile());
}

/** What a service mounts at `target`: the name of a volume. */
export function volumeAt({ volumes }: ComposeService, target: string): string | undefined {
  return volumes.map((volume) => volume.split(':')).find(([, place]) => place === target)?.[0];
}
