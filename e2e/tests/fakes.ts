// What a centre sends to: a fake of Telegram's Bot API, and a real SMTP server (aiosmtpd, the one the tests of `send` use).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Asks again and again until there is an answer: nothing here depends on how fast a machine is. */
export async function until<T>(what: string, ask: () => T | undefined, limit = 180_000): Promise<T> {
  for (let waited = 0; waited < limit; waited += 200) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await new Promise((r) => setTimeout(r, 200));
  }
  throw new Error(`waited ${limit / 1000} s for ${what}`);
}

interface Button { text: string; callback_data: string }
export interface Shown { id: number; text: string; buttons: Button[] }

/** Telegram as a bot sees it. A fake: it says yes to everything, keeps what each chat shows, and tells updates when asked. */
export class Telegram {
  static readonly token = '4242:fake-token_for-tests';
  readonly toasts: string[] = [];
  private readonly chats = new Map<number, Shown[]>();
  private readonly updates: Record<string, unknown>[] = [];
  private numbers = 0;
  private constructor(readonly url: string, private readonly server: Server) {}

  static async start(): Promise<Telegram> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('no port');
    const fake = new Telegram(`http://127.0.0.1:${address.port}`, server);
    server.on('request', (ask, answer) => void fake.answer(ask, answer));
    return fake;
  }
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** What a chat shows now, oldest first: copies, which stay as they are when a message is changed. */
  shows(chat: number): Shown[] {
    return structuredClone(this.chats.get(chat) ?? []);
  }
  /** Somebody writes to the bot. */
  write(chat: number, text: string): void {
    this.tell({ message: { message_id: ++this.numbers, text, chat: { id: chat, type: 'private' }, from: { id: chat, first_name: 'X' } } });
  }
  /** Somebody presses a button under a message. */
  press(chat: number, under: Shown, button: number): void {
    const message = { message_id: under.id, text: under.text, chat: { id: chat } };
    this.tell({ callback_query: { id: `q${++this.numbers}`, data: under.buttons[button].callback_data, from: { id: chat }, message } });
  }
  private tell(update: Record<string, unknown>): void {
    this.updates.push({ update_id: ++this.numbers, ...update });
  }

  private async answer(ask: IncomingMessage, answer: ServerResponse): Promise<void> {
    let body = '';
    for await (const piece of ask) body += piece;
    const [, token, method] = ask.url?.match(/^\/bot([^/]+)\/(\w+)$/) ?? [];
    const given = JSON.parse(body || '{}');
    const result = token === Telegram.token ? await this.does(method, given) : undefined;
    answer.writeHead(result === undefined ? 404 : 200, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(result === undefined ? { ok: false, description: 'Not Found' } : { ok: true, result }));
  }
  private async does(method: string, given: Record<string, any>): Promise<unknown> {
    const buttons = (given.reply_markup?.inline_keyboard ?? []).flat() as Button[];
    switch (method) {
      case 'getUpdates': {
        const news = () => this.updates.filter((u) => (u.update_id as number) >= (given.offset ?? 0));
        for (let waited = 0; waited < 2_000 && news().length === 0; waited += 100) await new Promise((r) => setTimeout(r, 100));
        return news();
      }
      case 'sendMessage': {
        const message = { id: ++this.numbers, text: given.text as string, buttons };
        this.chats.set(given.chat_id, [...this.shows(given.chat_id), message]);
        return { message_id: message.id };
      }
      case 'editMessageText': {
        const message = this.chats.get(given.chat_id)?.find((m) => m.id === given.message_id);
        if (message) Object.assign(message, { text: given.text, buttons });
        return {};
      }
      case 'answerCallbackQuery':
        this.toasts.push(given.text);
        return true;
      default:
        return true;
    }
  }
}

interface Mail { headers: [string, string][]; envelope_to: string[]; text: string }

/** A mail server that takes everything. */
export class MailServer {
  private constructor(readonly port: string, private readonly folder: string, private readonly child: ChildProcess) {}

  /** `undefined` where no Python has aiosmtpd and nobody insists (`CANH_REQUIRE_SMTP`). */
  static async start(): Promise<MailServer | undefined> {
    const python = ['/usr/bin/python3', 'python3'].find((p) => spawnSync(p, ['-c', 'import aiosmtpd']).status === 0);
    if (!python && process.env.CANH_REQUIRE_SMTP) throw new Error('no Python with aiosmtpd, and CANH_REQUIRE_SMTP is set');
    if (!python) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'canh-e2e-mail-'));
    const script = fileURLToPath(new URL('../../crates/send/tests/it/smtp_server.py', import.meta.url));
    const child = spawn(python, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    child.stdout?.on('data', (piece) => (said += piece));
    const port = await until('the mail server', () => said.match(/^(\d+)\n/)?.[1], 30_000);
    return new MailServer(port, folder, child);
  }
  stop(): void {
    this.child.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the newest mail to an address says that matches; waits for it. */
  async mail(to: string, matching: RegExp): Promise<RegExpMatchArray> {
    return until(`a mail to ${to} that says ${matching}`, () => {
      const names = readdirSync(this.folder).filter((n) => n.endsWith('.json')).sort().reverse();
      const mails = names.map((n) => JSON.parse(readFileSync(join(this.folder, n), 'utf8')) as Mail);
      return mails.filter((m) => m.envelope_to.includes(to)).map((m) => m.text.match(matching)).find((m) => m) ?? undefined;
    });
  }
}
