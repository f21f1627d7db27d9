/** A request, and the status that every node of every build answers. */
interface Question {
  readonly ask: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  /** What is right too where it is asked again, since the first time may have done it. */
  readonly repeated?: number;
}

const ATTEMPTS_MAX = 5;

/** Belongs to no process: a replica for reads that never comes. */
const replica = { id: 'absent', httpAddr: 'absent.invalid:1', raftAddr: 'absent.invalid:2', learner: true };

/** In this order; they leave the keys and the members as they were. */
const questions: readonly Question[] = [
  { ask: 'PUT /key/asked/a', body: 1 },
  { ask: 'GET /key/asked/a?level=stale' },
  { ask: 'GET /key/asked/a' },
  { ask: 'GET /key/asked/a?level=consistent&meta=true' },
  { ask: 'HEAD /key/asked/a' },
  { ask: 'PUT /key/asked/a', body: 2, headers: { 'if-none-match': '*' }, status: 412 },
  { ask: 'PUT /key/asked/a', body: 2, headers: { 'if-match': '*' } },
  { ask: 'POST /key', body: { 'asked/b': 'two', 'asked/c': [3] } },
  { ask: 'GET /key?prefix=asked/' },
  { ask: 'DELETE /key/asked/a' },
  { ask: 'DELETE /key?prefix=asked/' },
  { ask: 'GET /backup' },
  { ask: 'GET /cluster' },
  { ask: 'GET /cluster/founding' },
  { ask: 'GET /cluster/recovery' },
  { ask: 'GET /status' },
  { ask: 'GET /metrics' },
  { ask: 'GET /livez' },
  { ask: 'GET /readyz?verbose=true' },
  { ask: 'POST /join', body: replica },
  { ask: `DELETE /cluster/members/${replica.id}`, repeated: 404 },
];

/** What is known of a node; `url` without a slash at the end. */
interface Asked {
  readonly id: string;
  readonly url: string;
}

/** How often a question was answered, and how often it had to be asked again. */
export interface Answers {
  readonly answered: number;
  readonly again: number;
}

/**
 * Lets each of the nodes lead in turn and asks all of them every kind of request meanwhile, but for a restore, which would
 * replace the keys. As every client does it asks again after a 503, and after a 504, which says that nobody knows.
 *
 * @throws Error where a node answers anything else than it should.
 */
export async function askEverything(nodes: readonly Asked[]): Promise<Answers> {
  const sum = { answered: 0, again: 0 };
  const note = (attempts: number): void => {
    sum.answered += 1;
    sum.again += attempts - 1;
  };
  for (const leader of nodes) {
    note(await askUntilAnswered({ ask: 'POST /cluster/leader', body: { id: leader.id } }, leader));
    for (const node of nodes) {
      for (const question of questions) {
        note(await askUntilAnswered(question, node));
      }
    }
  }
  return sum;
}

/** @returns After how many attempts it is answered as it should be. */
async function askUntilAnswered(question: Question, node: Asked): Promise<number> {
  const { status = 200, repeated = status } = question;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(question, node);
    if (answer.status === (attempt === 1 ? status : repeated) || answer.status === status) {
      return attempt;
    }
    if (![503, 504].includes(answer.status) || attempt === ATTEMPTS_MAX) {
      throw new Error(`${node.id} answers ${answer.status} to ${question.ask}: ${answer.text.slice(0, 500)}`);
    }
  }
}

async function ask(
  { ask: request, body, headers = {} }: Question,
  { url }: Asked,
): Promise<{ readonly status: number; readonly text: string }> {
  const [method = '', path = ''] = request.split(' ');
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(url + path, init);
  return { status: answer.status, text: await answer.text() };
}
