// From a source made on a page to its logs as evidence on the board: lines over loopback, by HTTP with a token and by syslog.
import { readFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { expect, test, type Page } from '@playwright/test';
import { Centre } from './centre.ts';
import { firstSignIn } from './sign_in.ts';

const BODY = 'Ủy ban nhân dân phường Bến Thủy';
const SYSTEM = `${BODY} · Hệ thống một cửa và dịch vụ công`;
const GUESSER = '203.0.113.199';
const TITLE = 'Đoán mật khẩu SSH';
let centre: Centre;
let syslog: number;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(180_000);
  syslog = await freePort();
  centre = await Centre.start({ CANH_INTAKE__SYSLOG_TCP: `127.0.0.1:${syslog}` });
});
test.afterAll(() => centre?.stop());

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Makes a source of the body; its token, where it has one. */
async function source(page: Page, name: string, kind: string, address = ''): Promise<string> {
  await page.goto(`${centre.url}/sources`);
  await page.click('#new summary');
  await page.fill('#name', name);
  await page.selectOption('#kind', kind);
  await page.selectOption('#body', { label: await label(page, '#body', BODY) });
  await page.selectOption('#system', { label: SYSTEM });
  await page.fill('#address', address);
  await page.click('form[action="/sources"] button.go');
  await expect(page.locator('h1')).toHaveText(name);
  return kind === 'syslog' ? '' : ((await page.locator('[data-copy]').first().getAttribute('data-copy')) ?? '');
}

/** The whole label of an option that contains a text: lists of bodies are indented. */
async function label(page: Page, list: string, text: string): Promise<string> {
  const all = await page.locator(`${list} option`).allInnerTexts();
  return all.find((one) => one.includes(text)) ?? '';
}

/** The body's cell of a duty, on the board of the coming Tết that it is on: departments pass the order on under the same name. */
async function evidence(page: Page, code: string): Promise<string> {
  await page.goto(`${centre.url}/board`);
  const links = await page.locator('a[href^="/campaigns/"][href$="/board"]', { hasText: 'Đinh Mùi' }).all();
  for (const board of await Promise.all(links.map((link) => link.getAttribute('href')))) {
    await page.goto(`${centre.url}${board}?q=${encodeURIComponent('Bến Thủy')}`);
    const cell = page.locator('tr', { hasText: BODY }).locator(`a[href$="/${code}"]`);
    if ((await cell.count()) > 0) return new URL((await cell.first().getAttribute('href')) ?? '', page.url()).href;
  }
  throw new Error(`no board shows ${code} of ${BODY}`);
}

/** Ten wrong passwords and one right one, as sshd tells them; the month's day as syslog writes it. */
function lines(host: string, attempts: number): string {
  const now = new Date(Date.now() + 7 * 3_600_000);
  const stamp = `${now.toUTCString().slice(8, 11)} ${String(now.getUTCDate()).padStart(2, ' ')} ${now.toISOString().slice(11, 19)}`;
  const wrong = (n: number) => `<38>${stamp} ${host} sshd[${900 + n}]: Failed password for invalid user admin from ${GUESSER} port ${50_000 + n} ssh2`;
  return Array.from({ length: attempts }, (_, n) => wrong(n)).join('\n') + `\n<38>${stamp} ${host} sshd[77]: Accepted publickey for vanthu from 10.0.0.11 port 4022 ssh2\n`;
}

test('a source is made, its logs become an alert that is taken and silenced, are found, and are evidence', async ({ page }) => {
  test.setTimeout(600_000);
  await firstSignIn(page, centre);

  // Two ways in: by token over HTTP, by address over syslog.
  const token = await source(page, 'Máy chủ một cửa', 'lines');
  expect(token).toMatch(/^canhlog_/);
  await source(page, 'Máy chủ dự phòng', 'syslog', '127.0.0.1');
  const refused = await fetch(`${centre.url}/intake/lines`, { method: 'POST', headers: { authorization: 'Bearer canhlog_none' }, body: 'x' });
  expect(refused.status).toBe(401);

  // The queue stands open; the alert comes onto it by itself.
  await page.goto(`${centre.url}/alerts`);
  const alert = page.locator('#live tr', { hasText: TITLE }).filter({ hasText: BODY });
  await expect(alert).toHaveCount(0);
  const kept = await fetch(`${centre.url}/intake/lines`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: lines('motcua-bt', 12) });
  expect(kept.status).toBe(200);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(syslog, '127.0.0.1', () => socket.end(lines('duphong-bt', 1), () => resolve()));
    socket.on('error', reject);
  });
  await expect(alert).toHaveCount(1, { timeout: 20_000 });

  // What the rule saw, and what stood around it.
  await alert.locator('a').click();
  await expect(page.locator('h1')).toContainText(TITLE);
  await expect(page.locator('mark', { hasText: GUESSER }).first()).toBeVisible();
  const around = page.locator('details[open] a[href^="/logs"]').first();
  const here = page.url();
  await around.click();
  await expect(page.locator('main')).toContainText('Accepted publickey for vanthu');
  await page.goto(here);

  // Taken, and its kind silenced with a reason and an end.
  await page.click('button[value="own"]');
  await expect(page.locator('.timeline')).toContainText(/nhận/i);
  await page.locator('details', { has: page.locator('form[action$="/suppress"]') }).locator('summary').click();
  await page.fill('#reason', 'Đợt dò quét của chính đơn vị');
  await page.click('form[action$="/suppress"] .formfoot button');
  await page.goto(`${centre.url}/suppressions`);
  await expect(page.locator('tr', { hasText: 'Đợt dò quét của chính đơn vị' })).toContainText(TITLE);

  // The alert leads to its rule. A rule written on the page is checked, taken in, and watches while the centre runs.
  await page.goto(here);
  await page.locator('aside a[href^="/rules/"]').click();
  await expect(page.locator('h1')).toHaveText(TITLE);
  const OWN = 'Cổng một cửa gọi lệnh lạ';
  await page.goto(`${centre.url}/rules/new`);
  const rule = (condition: string) => `title: ${OWN}\nid: 7d3c3f0e-9a53-4f43-b0a7-6f5a2c1d9e10\nlevel: high\nlogsource: {product: linux}\ndetection:\n  k: ['lenh-la-7731']\n  condition: ${condition}\n`;
  await page.fill('#text', rule('l'));
  await page.click('button[value="check"]');
  await expect(page.locator('main')).toContainText('7:14');
  await page.fill('#text', rule('k'));
  await page.click('button[value="take"]');
  await expect(page.locator('h1')).toHaveText(OWN);
  const raised = page.locator('#live tr', { hasText: OWN });
  await expect(async () => {
    const sent = await fetch(`${centre.url}/intake/lines`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: lines('motcua-bt', 0).replace('Accepted', `lenh-la-7731 ${Date.now()} Accepted`) });
    expect(sent.status).toBe(200);
    await page.goto(`${centre.url}/alerts`);
    await expect(raised).toHaveCount(1, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await page.goto(`${centre.url}/rules?sort=-alerts&origin=imported`);
  await expect(page.locator('tr', { hasText: OWN }).locator('.num')).toHaveText('1');

  // Found by word and field, both ways in; nobody else's logs among them.
  await page.goto(`${centre.url}/logs?q=${encodeURIComponent(`ip:${GUESSER} host:motcua-bt`)}`);
  await expect(page.locator('.main-side section > *')).not.toHaveCount(0);
  await expect(page.locator('main')).toContainText('invalid user admin');
  await page.goto(`${centre.url}/logs?q=${encodeURIComponent('host:duphong-bt')}`);
  await expect(page.locator('main')).toContainText('duphong-bt');

  // The same in SQL, over what was found and nothing else; what is wrong is told with its place.
  await page.goto(`${centre.url}/logs?q=${encodeURIComponent(`ip:${GUESSER}`)}`);
  await page.locator('a[href^="/logs/sql"]').click();
  const ask = async (sql: string) => {
    await page.fill('#sql', sql);
    await page.click('form[action="/logs/sql"] button.go');
  };
  await ask('select host_name, body, count(*) as n from events group by 1, 2');
  await expect(page.locator('tbody tr', { hasText: 'motcua-bt' })).toContainText(BODY);
  await expect(page.locator('tbody tr', { hasText: 'motcua-bt' }).locator('.num')).toHaveText('12');
  await ask('select hots from events');
  await expect(page.locator('#wrong')).toContainText('hots');
  await expect(page.locator('#sql')).toHaveValue('select hots from events');

  // What was found becomes a hunt: looked for again over the month, concluded by a person.
  await page.goto(`${centre.url}/logs?q=${encodeURIComponent(`ip:${GUESSER}`)}`);
  await page.locator('a[href^="/hunts/new"]').click();
  await expect(page.locator('#query')).toHaveValue(`ip:${GUESSER}`);
  await page.fill('#title', 'Địa chỉ đoán mật khẩu');
  await page.fill('#hypothesis', 'Nếu địa chỉ này đã vào được thì phải có lần đăng nhập thành công từ nó.');
  await page.selectOption('#body', { label: await label(page, '#body', BODY) });
  await page.click('form[action="/hunts"] button.go');
  await expect(page.locator('h1')).toHaveText('Địa chỉ đoán mật khẩu');
  await expect(page.locator('#live')).toContainText('Đã xong', { timeout: 60_000 });
  await expect(page.locator('#live details')).toHaveCount(13);
  const hunt = page.url();
  // The same by the rule that watches, with its correlation: the ten of one address are one find.
  await page.goto(`${centre.url}/hunts/new`);
  await page.fill('#title', 'Đoán mật khẩu theo luật');
  await page.fill('#hypothesis', 'Mười lần sai trong hai phút phải để lại dấu vết.');
  await page.selectOption('#body', { label: await label(page, '#body', BODY) });
  await page.selectOption('#how', 'sigma');
  await page.fill('#query', readFileSync('../rules/linux/ssh-password-guessing.yml', 'utf8'));
  await page.click('form[action="/hunts"] button.go');
  await expect(page.locator('#live')).toContainText('Đã xong', { timeout: 60_000 });
  await expect(page.locator('#live mark', { hasText: GUESSER })).toHaveCount(1);
  await page.goto(hunt);
  await page.selectOption('#outcome', 'clean');
  await page.fill('#conclusion', 'Không có lần đăng nhập thành công nào từ địa chỉ này.');
  await page.click('form[action$="/conclude"] button.go');
  await expect(page.locator('main')).toContainText('Không có lần đăng nhập thành công nào');
  const hunted = await evidence(page, 'HUNT');
  await expect(async () => {
    await page.goto(hunted);
    await expect(page.locator('main')).toContainText('Địa chỉ đoán mật khẩu', { timeout: 1_000 });
    await expect(page.locator(`main a[href="${new URL(hunt).pathname}"]`)).not.toHaveCount(0, { timeout: 1_000 });
  }).toPass({ timeout: 60_000, intervals: [3_000] });

  // Held beyond its term.
  await page.goto(`${centre.url}/retention`);
  await page.click('#new summary');
  await page.selectOption('#body', { label: await label(page, '#body', BODY) });
  const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
  const later = new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10);
  await page.fill('#from', today);
  await page.fill('#to', today);
  await page.fill('#reason', 'Phục vụ xác minh đoán mật khẩu');
  await page.fill('#until', later);
  await page.click('form[action="/retention"] button.go');
  await expect(page.locator('tr', { hasText: 'Phục vụ xác minh đoán mật khẩu' })).toContainText(BODY);

  // Evidence: that system is heard, and of the one without a source nothing is known.
  const cell = await evidence(page, 'MON');
  await expect(async () => {
    await page.goto(cell);
    await expect(page.locator('main')).toContainText('Đang có nhật ký', { timeout: 1_000 });
  }).toPass({ timeout: 120_000, intervals: [3_000] });
  await expect(page.locator('main')).toContainText('chưa có nguồn nhật ký');
});
