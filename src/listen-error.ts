/** What each of a listener's errors means; others are not about the address. */
const causes: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'the address is not one of this machine',
  EACCES: 'this user may not listen on that port',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve now',
};

/** A port of the node cannot be had. The message says which, why, and which settings choose it. */
export class ListenError extends Error {
  constructor(message: string, options: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
  }
}

/**
 * Runs `listen`, which listens at `place`.
 *
 * @param place - For whom, where, and the settings that say so.
 * @throws ListenError where the address cannot be had, otherwise what `listen` throws.
 */
export async function orListenError(
  place: { readonly what: string; readonly host: string; readonly port: number; readonly settings: string },
  listen: () => Promise<unknown>,
): Promise<void> {
  try {
    await listen();
  } catch (error) {
    const cause = error instanceof Error && 'code' in error ? causes[String(error.code)] : undefined;
    if (cause === undefined) {
      throw error;
    }
    const { what, host, port, settings } = place;
    const shown = host.includes(':') ? `[${host}]` : host;
    throw new ListenError(`cannot listen for ${what} on ${shown}:${port}: ${cause}; ${settings} choose it`, {
      cause: error,
    });
  }
}
