// A notice from the library to one commune's head: sent from its page, read and committed by nobody but a person.
import { expect, test } from '@playwright/test';
import { Centre } from './centre.ts';
import { type Authenticator, firstSignIn, signIn } from './sign_in.ts';

let centre: Centre;
let phone: Authenticator;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(180_000);
  centre = await Centre.start();
});
test.afterAll(() => centre?.stop());

test('a notice goes out from its page, and counts only when its recipient presses the button', async ({ page, browser }) => {
  test.setTimeout(180_000);
  phone = await firstSignIn(page, centre);
  await page.goto(`${centre.url}/notices/new?from=usb`);
  const title = `${await page.inputValue('#title')} – thử ${Date.now() % 1000}`;
  await page.fill('#title', title);
  await page.locator('label.choice', { hasText: 'Ủy ban nhân dân xã Hòa Lộc' }).locator('input[name="top"]').check();
  await page.check('input[name="role"][value="head"]');
  await page.locator('form .btn.go').last().click();
  await page.waitForURL(/\/notices\/[0-9a-f-]{36}$/);
  const notice = page.url();

  // The dialog asks when; its button sends.
  await page.click('button[popovertarget="issue"]');
  await page.locator('#issue button.go').click();
  await expect(page).toHaveURL(notice);
  await expect(page.locator('.flash.ok')).toBeVisible();

  const [, link] = await centre.mail('xa-hoa-loc', new RegExp(`${title}[\\s\\S]*?(http\\S*/n/[\\w-]+)`));
  const address = new URL(link ?? '');
  const reader = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
  // What a scanner does: it looks, as often as it likes.
  for (let n = 0; n < 3; n += 1) await reader.goto(`${centre.url}${address.pathname}`);
  await page.reload();
  const opened = page.locator('.strip > div').nth(2);
  await expect(opened).toContainText('0/1');
  await reader.locator('main button').first().click();
  await reader.locator('input[type="checkbox"]').first().check();
  await reader.locator('main form button').last().click();
  await expect(reader.locator('.flash.ok, .told.ok, [role="status"]').first()).toBeVisible();
  await page.reload();
  await expect(opened).toContainText('1/1');
  await expect(page.locator('.strip > div').nth(3)).toContainText('1/1');
});

test('a table of people says row by row what is wrong, and is taken in once nothing is', async ({ page }) => {
  await signIn(page, centre, phone);
  const take = async (rows: string[]) => {
    await page.goto(`${centre.url}/notices/lists`);
    await page.fill('[name="name"]', 'Cán bộ thử');
    const buffer = Buffer.from(['Họ và tên,Email,Đơn vị', ...rows].join('\n'));
    await page.setInputFiles('#file', { name: 'can-bo.csv', mimeType: 'text/csv', buffer });
    await page.click('form[data-drop] button');
  };
  await take(['Nguyễn Thị Hồng,hong@song-tra.test,Sở Nội vụ', ',ai-do@song-tra.test,Sở Nội vụ']);
  await expect(page.locator('tr.bad')).toContainText('Họ và tên');
  await take(['Nguyễn Thị Hồng,hong@song-tra.test,Sở Nội vụ']);
  await page.click('form[action="/notices/lists/apply"] button');
  await expect(page.locator('.flash.ok')).toBeVisible();
  await expect(page.locator('table')).toContainText('Cán bộ thử');
});
