import type { Answer, ApiRequest } from '../http/index.js';
import { JSON_CONTENT_TYPE, Problem } from '../http/index.js';
import { askMember } from './ask-member.js';

/**
 * Sends a request without a body to another member, once, and answers with what that says.
 *
 * @throws Problem OUTCOME_UNKNOWN where no answer came: it may have happened.
 */
export async function relay(
  request: ApiRequest,
  { to, timeoutMs }: { readonly to: string; readonly timeoutMs: number },
): Promise<Answer> {
  const url = new URL(new URL(request.target, 'http://path.invalid').pathname, `http://${to}`);
  try {
    const answer = await askMember(url, { method: 'DELETE', body: null, timeoutMs });
    const headers = ['content-type', answer.contentType ?? JSON_CONTENT_TYPE];
    return { status: answer.status, headers, body: answer.text };
  } catch {
    throw new Problem(
      'OUTCOME_UNKNOWN',
      'The leader did not answer: the member may or may not be removed. Look at GET /cluster.',
    );
  }
}
