// From a campaign half-way to a signed-off report, in the demo province.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { Centre } from './centre.ts';
import { firstSignIn } from './sign_in.ts';

let centre: Centre;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(180_000);
  centre = await Centre.start();
});
test.afterAll(() => centre?.stop());

/** Downloads what a link leads to. */
async function file(page: Page, ending: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 120_000 }), page.click(`a[href$="/report.${ending}"]`)]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${ending}$`));
  return readFileSync(await download.path());
}

/** `canh report verify …` beside the running centre: what it says, and whether all is well. */
function verify(what: string): { good: boolean; said: string } {
  const done = spawnSync(process.env.CANH_BIN ?? '', ['--data', centre.data, 'report', 'verify', what], { encoding: 'utf8' });
  return { good: done.status === 0, said: `${done.stdout}${done.stderr}` };
}

test('a campaign half-way becomes a report that the head signs off and that verifies', async ({ page, browser }) => {
  test.setTimeout(420_000);
  await firstSignIn(page, centre);

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
  // To whoever wrote the letter one's own letter rests on; signed by the head.
  await expect(sheet).toContainText(/Kính gửi: Cục An ninh mạng/i);
  await expect(sheet.locator('.foot')).toContainText('GIÁM ĐỐC');
  // The whole province: addressees and those to whom they passed it on.
  const all = (await sheet.innerText()).match(/Tổng số cơ quan, đơn vị tham gia: (\d+)/);
  expect(Number(all?.[1])).toBeGreaterThanOrEqual(50);
  await expect(sheet).toContainText('KẾT QUẢ TẠI CÁC ĐƠN VỊ TRỰC THUỘC');
  await expect(sheet).toContainText(/Số cuộc kiểm tra đã thực hiện: \d+/);

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

  // Who prepares does not sign: the page says who does. The administrator gives the head an account.
  await expect(page.locator('form[action$="/sign"]')).toHaveCount(0);
  const signer = ((await page.locator('#sign li').first().innerText()).split(' (')[0] ?? '').trim();
  await page.goto(`${centre.url}/admin/accounts`);
  const option = page.locator('select[name="person"] option', { hasText: signer }).first();
  await page.selectOption('select[name="person"]', (await option.getAttribute('value')) ?? '');
  await page.fill('[name="login"]', 'giam.doc');
  await page.click('form[action="/admin/accounts"] button.go');
  const code = await page.locator('.copy code').innerText();
  const head = await (await browser.newContext()).newPage();
  await firstSignIn(head, centre, 'giam.doc', code);
  await head.goto(report);
  await expect(head.locator('#sign')).toContainText(signer);

  // Signed off: frozen, with its digest, and verified against the records.
  await head.click('form[action$="/sign"] button');
  await expect(head.locator('.flash.ok')).toBeVisible({ timeout: 240_000 });
  await expect(head.locator('#block-1-text')).toHaveCount(0);
  await expect(head.locator('dl.kv code').first()).toHaveText(/^[0-9a-f]{64}$/);
  const pdf = await file(head, 'pdf');
  const docx = await file(head, 'docx');
  expect(pdf.length).toBeGreaterThan(10_000);
  await head.click('a[href$="/verify"]');
  await expect(head.locator('.flash.ok')).toBeVisible();

  // By command: the record, each file by itself; a file with one byte changed is none of ours.
  const id = report.split('/').pop() ?? '';
  expect(verify(id)).toMatchObject({ good: true });
  for (const [name, bytes] of [['report.pdf', pdf], ['report.docx', docx]] as const) {
    const path = join(centre.data, name);
    writeFileSync(path, bytes);
    expect(verify(path)).toMatchObject({ good: true });
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    expect(verify(path).good).toBe(false);
  }
});
