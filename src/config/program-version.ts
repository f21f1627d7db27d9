import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('#package.json') as { readonly version: string };

/** The version of this program, from its package.json, wherever this code lies: in src/, in build/ or bundled in dist/. */
export const programVersion = version;
