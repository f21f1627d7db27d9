const SECRET_NAME = /password|secret|token|credential|privatekey/i;
const USER_INFO = /\/\/[^/@\s]*@/g;
const SECRET_PARAMETER = /([?&][^=&\s]*password=)[^&\s]*/gi;

/** The settings as they may be shown: secrets, also those inside URLs, are replaced by stars. */
export function maskSecrets(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown = Object.entries(settings).map(([name, value]) => [
    name,
    isSecret(name, value) ? '***' : withoutUserInfo(value),
  ]);
  return Object.fromEntries(shown) as Record<string, unknown>;
}

function isSecret(name: string, value: unknown): boolean {
  return SECRET_NAME.test(name) && value !== null && value !== '';
}

function withoutUserInfo(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(USER_INFO, '//***@').replace(SECRET_PARAMETER, '$1***') : value;
}
