// Starts a centre of its own for a journey, and reads what it sends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Centre {
  private constructor(
    readonly url: string,
    readonly data: string,
    readonly firstCode: string,
    readonly login: string,
    private child: ChildProcess,
  ) {}

  /** A demonstration of its own; `settings` are the configuration's, as environment variables. */
  static async start(settings: Record<string, string> = {}): Promise<Centre> {
    const bin = process.env.CANH_BIN;
    if (!bin) throw new Error('CANH_BIN names the built program');
    const data = mkdtempSync(join(tmpdir(), 'canh-e2e-'));
    const port = await freePort();
    const child = spawn(bin, ['serve', '--demo', '--data', data, '--port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...settings } });
    let said = '';
    child.stdout?.on('data', (piece) => (said += piece));
    child.stderr?.on('data', (piece) => (said += piece));
    const url = `http://localhost:${port}`;
    for (let waited = 0; waited < 150_000; waited += 200) {
      const code = said.match(/\b([A-Z2-7]{5}(?:-[A-Z2-7]{5}){3})\b/);
      const login = said.match(/(?:login|tên đăng nhập)[^\n:]*:\s*(\S+)/i);
      if (code && (await answers(url))) return new Centre(url, data, code[1], login?.[1] ?? 'admin', child);
      if (child.exitCode !== null) throw new Error(`canh ended:\n${said}`);
      await new Promise((r) => setTimeout(r, 200));
    }
    child.kill();
    throw new Error(`canh does not answer:\n${said}`);
  }

  /** Ends it; what it writes last is written when its folder goes. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await once(this.child, 'exit');
    rmSync(this.data, { recursive: true, force: true });
  }

  /** The newest mail to an address whose text matches; waits for it. */
  async mail(to: string, matching: RegExp): Promise<RegExpMatchArray> {
    for (let waited = 0; waited < 30_000; waited += 250) {
      for (const text of this.mails()) {
        const found = text.includes(to) && text.match(matching);
        if (found) return found;
      }
      await new Promise((r) => setTimeout(r, 250));
    }
    throw new Error(`no mail to ${to} matching ${matching}`);
  }

  /** All mails, newest first, their text parts decoded. */
  private mails(): string[] {
    const dir = join(this.data, 'outbox');
    let names: string[] = [];
    try {
      names = readdirSync(dir).filter((n) => n.endsWith('.eml'));
    } catch {
      return [];
    }
    return names.sort().reverse().map((n) => decode(readFileSync(join(dir, n), 'utf8')));
  }
}

function decode(eml: string): string {
  const base64 = eml.replace(/\r?\n\r?\n((?:[A-Za-z0-9+/=]{1,76}\r?\n)+)/g, (_, body) =>
    `\n\n${Buffer.from(body.replace(/\s/g, ''), 'base64').toString('utf8')}\n`);
  return base64.replace(/=\r?\n/g, '').replace(/(?:=[0-9A-F]{2})+/g, (run) => Buffer.from(run.replaceAll('=', ''), 'hex').toString('utf8'));
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
