// A night on which somebody does not check in: the deputy is called over Telegram and by e-mail, nobody answers, the head is
// called and takes it on a telephone; the deputy's message says so, and the board tells it minute by minute.
import { expect, test, type Page } from '@playwright/test';
import { Centre } from './centre.ts';
import { MailServer, Telegram, until } from './fakes.ts';
import { firstSignIn } from './sign_in.ts';

const CHAT = 220_011;
const POST = 'Trực giám sát ban đêm';
const [WATCH, DEPUTY, HEAD] = ['Lê Văn Thức', 'Trần Thị Bình', 'Phạm Quang Minh'];
let centre: Centre;
let telegram: Telegram;
let mails: MailServer | undefined;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(240_000);
  mails = await MailServer.start();
  test.skip(!mails, 'no Python with aiosmtpd (Debian: apt-get install python3-aiosmtpd)');
  telegram = await Telegram.start();
  centre = await Centre.start({
    CANH_SEND__MAIL: 'smtp',
    CANH_SEND__SMTP__HOST: '127.0.0.1',
    CANH_SEND__SMTP__PORT: mails!.port,
    CANH_SEND__SMTP__SECURITY: 'none',
    CANH_SEND__TELEGRAM__TOKEN: Telegram.token,
    CANH_SEND__TELEGRAM__API: telegram.url,
  });
});
test.afterAll(async () => {
  await centre?.stop();
  telegram?.stop();
  mails?.stop();
});

/** The API with the session of a page. */
async function api(page: Page, path: string, data: unknown = undefined, method = 'POST', status = [200, 201, 202, 204]): Promise<any> {
  const csrf = await page.locator('input[name=csrf]').first().inputValue();
  const answer = await page.request.fetch(`${centre.url}/api/v1/${path}`, { method, data, headers: { 'x-csrf-token': csrf } });
  expect(status, `${method} ${path}: ${answer.status()} ${await answer.text()}`).toContain(answer.status());
  const text = await answer.text();
  return text ? JSON.parse(text) : undefined;
}

/** A person of a body, with a role and an e-mail address that was verified by the code sent there. */
async function person(page: Page, body: string, name: string, role: string, address: string): Promise<string> {
  const { id } = await api(page, 'people', { name, memberships: [{ body }] });
  await api(page, `people/${id}/grants`, { role, body });
  const channel = (await api(page, `people/${id}/channels`, { kind: 'email', address })).id;
  await api(page, `channels/${channel}/code`);
  const [, code] = await mails!.mail(address, /\b(\d{6})\b/);
  expect(await api(page, `channels/${channel}/verify`, { code })).toMatchObject({ verified: true });
  return id;
}

test('a missed check-in wakes the deputy, then the head, who takes it on a telephone', async ({ page, browser }) => {
  test.setTimeout(600_000);
  await firstSignIn(page, centre);

  // A department of its own, three people, a post.
  const me = await api(page, 'me', undefined, 'GET');
  const body: string = (await api(page, 'bodies', { parent: me.bodies[0].id, kind: 'department', name: 'Sở Thử nghiệm ca đêm' })).id;
  const watch = await person(page, body, WATCH, 'duty-officer', 'thuc@dem.example');
  const deputy = await person(page, body, DEPUTY, 'duty-officer', 'binh@dem.example');
  await person(page, body, HEAD, 'head', 'minh@dem.example');

  // The deputy links a chat: the page shows a code, and the chat sends it to the bot.
  await api(page, `people/${deputy}/channels`, { kind: 'telegram', address: '@tran_binh', rank: 1 });
  await page.goto(`${centre.url}/register/people/${deputy}`);
  await page.locator('form[action$="/link"] button').click();
  telegram.write(CHAT, (await page.locator('main code').innerText()).trim());
  await until('the bot to say that the chat is linked', () => telegram.shows(CHAT).find((m) => m.text.includes(DEPUTY)));

  // Half of each day is nobody's: refused, then closed. The halves meet six hours from now, so that no shift ends while the
  // test runs; the product's zone is seven hours ahead of UTC.
  const check_in = { at_start: true, at_end: true, grace_minutes: 1 };
  const post: string = (await api(page, 'posts', { body, name: POST, presence: 'on-site', needed: 1, backup: true, check_in })).id;
  const first = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  const layer = (name: string, line: string, who: string, minute: number, minutes: number) =>
    api(page, `posts/${post}/layers`, { name, line, first, cycle_days: 1, crews: [[who]], slots: [{ day: 0, minute, minutes, crew: 0 }] });
  const minute = (hours: number) => Math.floor(Date.now() / 60_000 + (7 + hours) * 60) % 1440;
  await layer('Nửa đầu', 'primary', watch, minute(-6), 720);
  await layer('Dự phòng', 'backup', deputy, minute(-6), 1440);
  const window = () => ({ from: new Date().toISOString(), to: new Date(Date.now() + 3 * 86_400_000).toISOString() });
  await api(page, `posts/${post}/publications`, window(), 'POST', [422]);
  await layer('Nửa sau', 'primary', watch, minute(6), 720);

  // Who is called when: the deputy at once, together with whoever is silent; the head a minute later.
  await page.goto(`${centre.url}/roster/policies/new`);
  await page.fill('#name', 'Gọi nhanh ban đêm');
  await page.selectOption('#body', body);
  await page.locator('input[name="about-check-in"]').check();
  const steps = [{ after: '0', who: ['same', 'deputy'] }, { after: '1', who: ['head'] }];
  const shown = await page.locator('fieldset.card').count();
  for (let n = 0; n < shown; n += 1) {
    await page.fill(`#s${n}-after`, steps[n]?.after ?? '');
    for (const m of [0, 1, 2]) await page.selectOption(`#s${n}-to-${m}`, steps[n]?.who[m] ?? '');
  }
  await page.locator('form[data-guard] button.go').click();
  await page.waitForURL(/\/roster\/policies$/);
  await expect(page.locator('main')).toContainText('Gọi nhanh ban đêm');

  // Published: from now on somebody is on watch, and an order wants that proved. The check-in is missed within a minute.
  const published = window();
  await api(page, `posts/${post}/publications`, published);
  const campaign: string = (await api(page, 'campaigns', { name: 'Trực đêm thử nghiệm', window_from: published.from, window_to: published.to })).id;
  await api(page, `campaigns/${campaign}/duties`, { code: 'DUTY' });
  await api(page, `campaigns/${campaign}/lines`, { role: 'to', line: 'Sở Thử nghiệm ca đêm' });
  await api(page, `campaigns/${campaign}/lines`, { role: 'to', line: 'Sở Thử nghiệm ca đêm', bodies: [body] }, 'PUT');
  await api(page, `campaigns/${campaign}/issue`);
  const board = await page.context().newPage();
  const cell = (state: string) => board.locator(`table.board td.${state} a[href$="/DUTY"]`);
  await expect(async () => {
    await board.goto(`${centre.url}/campaigns/${campaign}/board`);
    await expect(board.locator('table.board a[href$="/DUTY"]')).toHaveCount(1, { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });

  // The deputy is called both ways; whoever is silent by e-mail.
  const called = await until('the deputy to be called over Telegram', () => telegram.shows(CHAT).find((m) => m.buttons.length > 0));
  expect(called.text, 'a foreign messenger carries that there is something, not what').not.toContain(WATCH);
  await mails!.mail('binh@dem.example', new RegExp(`${POST}[\\s\\S]*/c/`));
  await mails!.mail('thuc@dem.example', /\/c\//);
  // The open board says by itself that it is not known whether anybody is awake.
  await expect(cell('u')).toHaveCount(1, { timeout: 180_000 });

  // Nobody answers: the head is called, by e-mail, and takes it on a telephone without signing in.
  const [, link] = await mails!.mail('minh@dem.example', /(http:\/\/[\w.:]+\/c\/[\w-]+)/);
  const hand = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'vi-VN' });
  const phone = await hand.newPage();
  // A scanner that opens the link takes nothing.
  expect((await phone.request.get(link)).ok()).toBeTruthy();
  await phone.goto(link);
  await expect(phone.locator('h1')).toContainText(WATCH);
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await phone.locator('button[value="acknowledge"]').tap();
  await expect(phone.locator('main')).toContainText(HEAD);
  await expect(phone.locator('button[value="acknowledge"]')).toHaveCount(0);
  await hand.close();

  // The deputy's message shows who has it and has no buttons any more; pressing the one that was there changes nothing.
  await until('the message to say who took it', () => telegram.shows(CHAT).find((m) => m.id === called.id && m.text.includes(HEAD) && m.buttons.length === 0));
  telegram.press(CHAT, called, 0);
  expect(await until('an answer to the late button', () => telegram.toasts.at(-1))).toContain(HEAD);

  // The board follows, and opens down to the minutes and the call-out.
  await expect(cell('p')).toHaveCount(1, { timeout: 180_000 });
  await board.goto(await cell('p').evaluate((a) => (a as HTMLAnchorElement).href));
  await expect(board.locator('main')).toContainText('đã gọi và có người nhận');
  const minutes = board.locator('#minutes', { hasText: POST });
  await expect(minutes.locator('tr', { hasText: 'Có người trực, chưa điểm danh' }).first()).toContainText(WATCH);
  await expect(minutes.locator('tr', { hasText: 'Có người trực, đã điểm danh' }).first()).toContainText(HEAD);
  const callout = minutes.locator('tr', { hasText: 'đã gọi 3 người' });
  await expect(callout).toContainText(`${HEAD} nhận sau`);
  await callout.locator('a').first().click();
  await board.waitForURL(/\/roster\/callouts\/[0-9a-f-]{36}$/);
  const log = board.locator('ol.timeline');
  for (const line of [`Gọi ${WATCH}`, `Gọi ${DEPUTY}`, `Gọi ${HEAD}`, `${HEAD} đã nhận`]) await expect(log).toContainText(line);
  await expect(log.locator('li', { hasText: `Gọi ${DEPUTY}` })).toContainText(/telegram/i);
  await expect(log.locator('li', { hasText: 'đã nhận' })).toHaveCount(1);
});
