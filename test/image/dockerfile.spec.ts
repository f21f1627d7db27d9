import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { dockerfileFindings } from './dockerfile-rules.js';
import { IgnoreFile } from './ignore-file.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const dockerfile = read('Dockerfile');
const ignored = new IgnoreFile(read('.dockerignore'));

function findings(text: string): string[] {
  return dockerfileFindings(text, { ignored, exists: (path) => existsSync(join(root, path)) });
}

/** The Dockerfile with one thing changed; the thing must be there. */
function changed(before: string | RegExp, after: string): string {
  const text = dockerfile.replace(before, after);
  expect(text).not.toBe(dockerfile);
  return text;
}

describe('the Dockerfile', () => {
  it('keeps every rule', () => {
    expect(findings(dockerfile)).toEqual([]);
  });

  it.each<[string, string | RegExp, string, RegExp]>([
    ['a base without a digest', /@sha256:[0-9a-f]+/, '', /not pinned/],
    ['a base of no version', ':24.21.0-trixie-slim@', ':latest@', /names no version/],
    ['two bases', '24.21.0', '24.20.0', /different bases/],
    ['root', 'USER 65532:65532', 'USER 0:0', /the user is not/],
    ['a user by name', 'USER 65532:65532', 'USER node', /the user is not/],
    [
      'an entrypoint in a shell',
      'ENTRYPOINT ["node", "dist/main.js"]',
      'ENTRYPOINT node dist/main.js',
      /list of words/,
    ],
    ['a command in a shell', 'STOPSIGNAL SIGTERM', 'CMD echo x', /CMD needs a shell/],
    ['a health check in a shell', 'STOPSIGNAL SIGTERM', 'HEALTHCHECK CMD curl x', /HEALTHCHECK needs a shell/],
    ['a shell in the last stage', 'EXPOSE 8089 8091', 'RUN true', /runs a shell/],
    ['ADD', 'COPY src ./src', 'ADD https://example.org/src.tar ./src', /^ADD/],
    ['a source that is not there', 'COPY src ./src', 'COPY sources ./src', /not there/],
    ['a source that is kept away', 'COPY src ./src', 'COPY docs ./docs', /keeps away/],
    ['a stage that is not there', '--from=program', '--from=programme', /is no stage/],
    ['recommended packages', '--no-install-recommends ', '', /nobody asked/],
    ['an install without the lock file', 'npm ci --omit=dev', 'npm install --omit=dev', /lock file/],
    ['a download', 'RUN npm run build', 'RUN wget example.org', /downloads/],
    ['a secret', 'ARG REVISION=unknown', 'ARG NPM_TOKEN', /secret/],
    ['a missing label', 'org.opencontainers.image.licenses', 'licenses', /no label .*licenses/],
    ['an instruction that is none', 'STOPSIGNAL', 'STOPSIGNALS', /line \d+: "Unknown instruction/],
  ])('with %s breaks a rule', (_what, before, after, finding) => {
    expect(findings(changed(before, after))).toEqual(expect.arrayContaining([expect.stringMatching(finding)]));
  });
});

describe('.dockerignore', () => {
  it('lets in what the Dockerfile copies, and nothing else', () => {
    const letIn = readdirSync(root).filter((name) => !ignored.excludes(name));
    expect(letIn.sort()).toEqual(
      [
        'LICENSE',
        'nest-cli.json',
        'package-lock.json',
        'package.json',
        'src',
        'tsconfig.build.json',
        'tsconfig.json',
      ].sort(),
    );
  });

  it.each([
    ['src/main.ts', false],
    ['src/raft/raft-core.ts', false],
    ['src/raft/format.spec.ts', true],
    ['scripts/prepare.mjs', false],
    ['scripts/bundle.mjs', false],
    ['scripts/cluster.ts', true],
    ['node_modules/pg/package.json', true],
    ['.git/config', true],
    ['.raftdb/node01/log.db', true],
  ])('%s: kept away is %s', (path, isKeptAway) => {
    expect(ignored.excludes(path)).toBe(isKeptAway);
  });
});
