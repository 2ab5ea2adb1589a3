// The main job, from a first sign-in to a board that changes by itself.
import { readFileSync } from 'node:fs';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Centre } from './centre.ts';
import { type Authenticator, firstSignIn, signIn } from './sign_in.ts';

let centre: Centre;
let admin: Authenticator;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(180_000);
  centre = await Centre.start();
});
test.afterAll(() => centre?.stop());

/** The letter as a real PDF with a text layer, printed by the browser itself. */
async function pdf(browser: Browser): Promise<Buffer> {
  const page = await browser.newPage();
  const text = readFileSync(new URL('letter.txt', import.meta.url), 'utf8');
  await page.setContent(`<pre style="font: 13px 'DejaVu Serif', 'Liberation Serif', serif">${text}</pre>`);
  const bytes = await page.pdf({ format: 'A4' });
  await page.close();
  return bytes;
}

test('first sign-in: code, password, second factor, recovery codes', async ({ page }) => {
  await page.goto(centre.url);
  await expect(page).toHaveURL(/\/login/);
  admin = await firstSignIn(page, centre);
  await expect(page.locator('table.board')).toBeVisible();
});

test('letter in, field mended, campaign out; a head acknowledges on a phone; evidence; the board follows', async ({ browser }) => {
  const desk = await (await browser.newContext()).newPage();
  await signIn(desk, centre, admin);

  // Import a PDF letter.
  await desk.goto(`${centre.url}/orders/letters`);
  await desk.setInputFiles('#file', { name: '231-CAT-PA05.pdf', mimeType: 'application/pdf', buffer: await pdf(browser) });
  await desk.click('form[action="/orders/letters"] button.go');
  await desk.waitForURL(/\/orders\/letters\/[0-9a-f-]{36}/);
  await expect(desk.locator('.sheet mark').first()).toBeVisible();
  await expect(desk.locator('.facts')).toContainText('231');
  await expect(desk.locator('.facts')).toContainText('DUTY');

  // Correct a field in place.
  const subject = desk.locator('article.fact', { has: desk.locator('input[name="pointer"][value="/subject"]') });
  await subject.locator('summary').click();
  await subject.locator('[name="value"]').fill('bảo đảm an ninh mạng dịp Tết Dương lịch năm 2027');
  await subject.locator('button[value="set"]').click();
  await expect(subject).toContainText('năm 2027');

  // Confirm, draft, confirm the addressees, issue.
  await desk.click('form[action$="/draft"] button');
  await desk.waitForURL(/\/orders\/[0-9a-f-]{36}/);
  const sure = desk.locator('form[action$="/lines/sure"] button');
  if (await sure.count()) await sure.click();
  await desk.click('form[action$="/issue"] button');
  const campaign = desk.url().match(/orders\/([0-9a-f-]{36})/)?.[1] ?? '';
  await expect(desk.locator('#figures b').first()).toHaveText('20', { timeout: 30_000 });

  // The board is open and live on another page.
  const board = await desk.context().newPage();
  await board.goto(`${centre.url}/campaigns/${campaign}/board`);
  await expect(board.locator('table.board tbody tr')).toHaveCount(20);

  // A one-time link to the head of a commune; the head is on a phone and never signs in.
  await desk.reload();
  await desk.locator('table.table tbody tr a').first().click();
  await desk.waitForURL(/\/assignments\/[0-9a-f-]{36}/);
  const assignment = desk.url();
  await desk.locator('form[action$="/link"] button').first().click();
  // Not any link: the demonstration asks heads for quick reports at its hours, too.
  const [, link] = await centre.mail('@', /với trách nhiệm người đứng đầu[\s\S]*?(http:\/\/[\w.:]+\/l\/[\w.~-]+)/);
  const phone = await (await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true })).newPage();
  // A scanner's prefetch triggers nothing.
  expect((await phone.request.head(link)).ok()).toBeTruthy();
  expect((await phone.request.get(link)).ok()).toBeTruthy();
  await phone.goto(link);
  await phone.click('button.go.big');
  await expect(phone.locator('main')).toContainText(/đã quán triệt/);
  const head = (await phone.locator('main .faint').first().innerText()).split(' · ')[0].trim();
  await desk.goto(assignment);
  await expect(desk.locator('main')).toContainText(head);

  // The same link does nothing a second time.
  await phone.goto(link);
  await expect(phone.locator('button.go.big')).toHaveCount(0);
  // LEAD is met on the open board without a reload.
  await expect(board.locator('table.board td.m a[href$="LEAD"]')).toHaveCount(1, { timeout: 30_000 });

  // The head gets an account, signs in on the phone and hands in evidence.
  await desk.goto(`${centre.url}/admin/accounts`);
  const option = desk.locator('select[name="person"] option', { hasText: head }).first();
  await desk.selectOption('select[name="person"]', (await option.getAttribute('value')) ?? '');
  await desk.fill('[name="login"]', 'thu.truong');
  await desk.click('form[action="/admin/accounts"] button.go');
  const code = await desk.locator('.copy code').innerText();
  await firstSignIn(phone, centre, 'thu.truong', code);
  await phone.goto(assignment);
  await phone.locator('main a[href*="/tasks/"]', { hasText: /Rà soát/ }).first().click();
  await phone.setInputFiles('#file', { name: 'ra-soat.txt', mimeType: 'text/plain', buffer: Buffer.from('Đã rà soát 14/14 máy, không còn lỗ hổng đã cảnh báo.') });
  await phone.locator('form[action$="/evidence"] button.go').click();
  await expect(phone.locator('main')).toContainText('ra-soat.txt');

  // The superior accepts; the board changes by itself.
  const duty = board.locator('table.board td.m a[href$="VREV"]');
  await expect(duty).toHaveCount(0);
  await desk.goto(`${centre.url}/review?campaign=${campaign}`);
  await desk.locator('input[name="submission"]').first().check();
  await desk.click('button[value="accept"]');
  await expect(duty).toHaveCount(1, { timeout: 30_000 });

  // A cell opens down to the fact.
  await board.goto((await duty.evaluate((a) => (a as HTMLAnchorElement).href)));
  await expect(board.locator('main')).toContainText(/chấp nhận/i);
});

test('what is new reaches a board that is open: a body added later, and what an addressee passed on', async ({ browser }) => {
  const desk = await (await browser.newContext()).newPage();
  await signIn(desk, centre, admin);
  await desk.goto(`${centre.url}/orders`);
  const row = desk.locator('tbody tr', { hasText: /kỳ họp Hội đồng nhân dân/ }).filter({ hasText: /Công an tỉnh/ });
  const campaign = (await row.locator('a').first().getAttribute('href'))?.split('/').pop() ?? '';
  const board = await desk.context().newPage();
  await board.goto(`${centre.url}/campaigns/${campaign}/board`);
  const rows = board.locator('table.board tbody tr');
  const before = await rows.count();
  expect(before).toBeGreaterThanOrEqual(36);

  // One body more, by an amendment.
  await desk.goto(`${centre.url}/orders/${campaign}/amend`);
  await desk.fill('[name="note"]', 'Bổ sung đơn vị nhận');
  const box = desk.locator('input[name="bodies"]:not(:checked)').first();
  const added = desk.locator(`input[name="bodies"][value="${await box.inputValue()}"]`);
  const name = (await desk.locator('.choice', { has: added }).textContent())?.trim() ?? '';
  await added.evaluate((b) => (b.closest('details') as HTMLDetailsElement).open = true);
  await added.check();
  await desk.click('form[action$="/amend"] button.go');
  await expect(desk).toHaveURL(new RegExp(`/orders/${campaign}$`));
  await expect(rows).toHaveCount(before + 1, { timeout: 30_000 });
  await expect(rows.filter({ hasText: name })).toHaveCount(1);

  // The health department hands its duties on to its two hospitals: their sum appears under its row.
  await desk.locator('table.table tbody tr a', { hasText: 'Sở Y tế' }).first().click();
  await desk.waitForURL(/\/assignments\/[0-9a-f-]{36}/);
  await desk.goto(`${desk.url()}/pass-on`);
  for (const box of await desk.locator('input[name="body"]').all()) await box.check();
  await desk.click('form[action$="/pass-on"] button.go');
  await desk.waitForURL(/\/orders\/[0-9a-f-]{36}/);
  const sure = desk.locator('form[action$="/lines/sure"] button');
  if (await sure.count()) await sure.click();
  await desk.click('form[action$="/issue"] button');
  await expect(rows).toHaveCount(before + 2, { timeout: 30_000 });
  await expect(board.locator('table.board a[href$="/board"]').last()).toContainText('2');
});

test('a stranger gets nowhere', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  for (const path of ['/board', '/orders', '/orders/letters', '/register', '/audit', '/admin/accounts', '/tasks']) {
    await page.goto(`${centre.url}${path}`);
    await expect(page).toHaveURL(/\/login/);
  }
  const api = await page.request.get(`${centre.url}/api/v1/board`);
  expect([401, 404]).toContain(api.status());
  await page.goto(`${centre.url}/login`);
  await page.fill('#login', centre.login);
  await page.fill('#password', 'wrong password entirely');
  await page.click('form[action="/login"] button');
  await expect(page.locator('.flash.bad')).toBeVisible();
});
