// From a campaign half-way to a signed-off report, in the demo province.
import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { Centre, totp } from './centre.ts';

const PASSWORD = 'mot cum tu du dai 2027';
let centre: Centre;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(180_000);
  centre = await Centre.start();
});
test.afterAll(() => centre?.stop());

async function firstSignIn(page: Page): Promise<void> {
  await page.goto(`${centre.url}/login`);
  await page.fill('#login', centre.login);
  await page.fill('#password', centre.firstCode);
  await page.click('form[action="/login"] button');
  await page.fill('#password', PASSWORD);
  await page.fill('#again', PASSWORD);
  await page.click('form[action="/login/password"] button');
  const key = (await page.locator('.copy code').innerText()).replace(/\s/g, '');
  await page.fill('#code', totp(key));
  await page.click('form[action="/login/totp"] button');
  await expect(page.locator('.codes li')).toHaveCount(10);
  await page.click('a.btn.go');
}

/** Downloads what a link leads to. */
async function file(page: Page, ending: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 120_000 }), page.click(`a[href$="/report.${ending}"]`)]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${ending}$`));
  return readFileSync(await download.path());
}

test('a campaign half-way becomes a signed-off report that verifies', async ({ page }) => {
  test.setTimeout(420_000);
  await firstSignIn(page);

  // Begin: the head is looked up, the figures are filled in.
  await page.goto(`${centre.url}/reports/up`);
  const choices = page.locator('#campaign option');
  expect(await choices.count()).toBeGreaterThan(0);
  const running = await choices.filter({ hasText: 'Đinh Mùi' }).first().getAttribute('value');
  await page.selectOption('#campaign', running ?? '');
  await page.click('form[action="/reports/up"] button.go');
  await page.waitForURL(/\/reports\/up\/[0-9a-f-]{36}$/);
  const report = page.url();
  const sheet = page.locator('.sheet.report');
  await expect(sheet).toContainText('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM');
  await expect(sheet).toContainText('BÁO CÁO');
  await expect(sheet).toContainText('Nơi nhận:');
  await expect(sheet).not.toContainText('{{');

  // A number opens its evidence.
  const number = sheet.locator('p a[href*="/board"]').first();
  const href = await number.getAttribute('href');
  expect(href).toMatch(/^\/campaigns\//);
  await page.goto(`${centre.url}${href}`);
  await expect(page.locator('table.board')).toBeVisible();
  await page.goto(report);

  // A slip in a field's name keeps what was typed and says what is wrong.
  const block = page.locator('#block-1-text');
  const before = await block.inputValue();
  await block.fill(`${before}\nTổng cộng {{bodys}} đơn vị.`);
  await page.locator('#block-1 button[value="save"]').click();
  await expect(page.locator('.errors')).toContainText('bodys');
  await expect(page.locator('#block-1-text')).toHaveValue(/\{\{bodys\}\}/);
  await page.locator('#block-1-text').fill(`${before}\nTổng cộng {{bodies}} đơn vị <b>tham gia</b>.`);
  await page.locator('#block-1 button[value="save"]').click();
  await expect(sheet).toContainText(/Tổng cộng \d+ đơn vị <b>tham gia<\/b>/);

  // The draft as files.
  expect((await file(page, 'pdf')).subarray(0, 5).toString()).toBe('%PDF-');
  expect((await file(page, 'docx')).subarray(0, 2).toString()).toBe('PK');

  // Signed off: frozen, with its digest, and verified against the records.
  await page.click('form[action$="/sign"] button');
  await expect(page.locator('.flash.ok')).toBeVisible({ timeout: 240_000 });
  await expect(page.locator('#block-1-text')).toHaveCount(0);
  await expect(page.locator('dl.kv code').first()).toHaveText(/^[0-9a-f]{64}$/);
  expect((await file(page, 'pdf')).length).toBeGreaterThan(10_000);
  await page.click('a[href$="/verify"]');
  await expect(page.locator('.flash.ok')).toBeVisible();
});
