// From a roster with a gap to a watch that somebody said yes to: refused, closed, published, checked in on a telephone. Then
// it changes by hand: a layer is corrected, a turn is given to somebody else, who gives it back by a swap.
import { expect, test, type Page } from '@playwright/test';
import { Centre } from './centre.ts';
import { type Authenticator, firstSignIn, signIn } from './sign_in.ts';

const POST = 'Trực thử nghiệm liên tục';
const OTHER = 'Đặng Thị Thay';
let centre: Centre;
let admin: Authenticator;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(180_000);
  centre = await Centre.start();
});
test.afterAll(() => centre?.stop());

/** A form's local time so many hours from now, in the product's zone. */
function local(hours: number): string {
  const at = new Date(Date.now() + hours * 3_600_000);
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh', dateStyle: 'short', timeStyle: 'short' }).format(at).replace(' ', 'T');
}

/** A layer of one person from one hour to another, every day. */
async function layer(page: Page, who: string, name: string, start: string, end: string): Promise<void> {
  const form = page.locator('form[action$="/layers"]');
  if (!(await form.isVisible())) await page.locator('details.section > summary').first().click();
  await form.locator('#name').fill(name);
  await form.locator('#pattern').selectOption('daily');
  await form.locator('#every').fill('1');
  await form.locator('#start').fill(start);
  await form.locator('#end').fill(end);
  await form.locator('select[name=a]').first().selectOption({ label: who });
  await form.locator('#first').fill(local(-24).slice(0, 10));
  await form.locator('button.go').click();
  await expect(page.locator('section', { hasText: name }).first()).toBeVisible();
}

test('a roster with a gap is refused, closed, published, and watched', async ({ page, browser }) => {
  test.setTimeout(240_000);
  admin = await firstSignIn(page, centre);
  const me = await (await page.request.get(`${centre.url}/api/v1/me`)).json();

  await page.goto(`${centre.url}/roster/posts/new`);
  await page.fill('#name', POST);
  await page.fill('#needed', '1');
  await page.locator('form[action="/roster/posts/new"] button.go').click();
  await page.locator('table a', { hasText: POST }).click();
  await page.locator('.tabs a[href$="/plan"]').click();
  const plan = page.url();

  // Half of each day is nobody's: whatever the hour is now, two days have a gap. Now is in the middle of a half, so that no
  // shift ends while the test runs.
  const [start, end] = [local(-6).slice(11), local(6).slice(11)];
  const window = `?from=${local(0)}&to=${local(48)}`;
  await page.goto(plan + window);
  // Dates and hours are written as here, whatever the browser's language is; the browser's own input is what is sent.
  const shown = page.locator('form.filters .when > input[type=text]').first();
  await expect(shown).toHaveValue(/^\d\d\/\d\d\/\d{4} \d\d:\d\d$/);
  await shown.fill('6/2/2027 7h30');
  await expect(page.locator('form.filters input[name=from]')).toHaveValue('2027-02-06T07:30');
  await shown.fill('31/2/2027 7h30');
  expect(await shown.evaluate((el: HTMLInputElement) => el.validity.customError)).toBe(true);
  await page.goto(plan + window);
  await layer(page, me.name, 'Nửa đầu', start, end);
  await expect(page.locator('.troubles .gap').first()).toContainText('0/1');
  await expect(page.locator('.lanes .gap').first()).toBeVisible();
  await page.locator('form[action$="/publish"] button.go').click();
  await expect(page.locator('.flash, [role=alert]').first()).toContainText('chưa công bố được');
  await expect(page.locator('.troubles .gap').first()).toContainText('0/1');

  await page.goto(plan + window);
  await layer(page, me.name, 'Nửa sau', end, start);
  await expect(page.locator('.troubles .gap')).toHaveCount(0);
  await page.locator('form[action$="/publish"] button.go').click();
  await page.waitForURL(/\/roster\/posts\/[0-9a-f-]{36}\?from=/);
  await expect(page.locator('.lanes').first()).toContainText(me.name);

  // On the telephone: one tap.
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'vi-VN', storageState: await page.context().storageState() });
  const hand = await phone.newPage();
  await hand.goto(`${centre.url}/roster/mine`);
  const duty = hand.locator('section.duty', { hasText: POST });
  await expect(duty).toBeVisible();
  expect(await hand.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await duty.locator('form[action$="/check-in"] button').tap();
  await expect(hand.locator('section.duty', { hasText: POST })).toContainText('điểm danh');
  await phone.close();

  // The card of who is awake, and the list, tell it; so does a program's answer.
  await page.goto(`${centre.url}/roster/card`);
  const card = page.locator('.dutycards section', { hasText: POST });
  await expect(card).toContainText(me.name);
  await page.goto(`${centre.url}/roster`);
  const row = page.locator('table.awake tr', { hasText: POST });
  await expect(row).toContainText('Đủ người');
  await expect(row).not.toContainText('chưa điểm danh ca này');
  const awake: { name: string; held: boolean; people: { checked_in: string | null }[] }[] = await (await page.request.get(`${centre.url}/api/v1/awake`)).json();
  const mine = awake.find((a) => a.name === POST);
  expect(mine?.held).toBe(true);
  expect(mine?.people[0].checked_in).not.toBeNull();
});

test('a layer is corrected, a turn given to somebody, and swapped back with approval', async ({ page, browser }) => {
  test.setTimeout(240_000);
  await signIn(page, centre, admin);
  const csrf = await page.locator('input[name=csrf]').first().inputValue();
  const api = async (path: string, data: unknown) => {
    const answer = await page.request.post(`${centre.url}/api/v1/${path}`, { data, headers: { 'x-csrf-token': csrf } });
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBeTruthy();
    return answer.json();
  };
  const me = await (await page.request.get(`${centre.url}/api/v1/me`)).json();
  const body: string = me.bodies[0].id;
  const other: string = (await api('people', { name: OTHER, memberships: [{ body }] })).id;
  await api(`people/${other}/grants`, { role: 'duty-officer', body });
  const { code } = await api('accounts', { person: other, login: 'nguoi.thay' });

  // A layer is changed where it stands; a mistake keeps what was typed.
  await page.goto(`${centre.url}/roster/posts`);
  await page.locator('table a', { hasText: POST }).click();
  await page.locator('.tabs a[href$="/plan"]').click();
  await page.locator('tr', { hasText: 'Nửa đầu' }).locator('a[href*="layer="]').click();
  const form = page.locator('form[action*="/layers/"]:has(#name)');
  await form.locator('#name').fill('Nửa đầu, sửa lại');
  const lines = await form.locator('#lines').inputValue();
  await form.locator('#lines').fill('1 25:00-30:00 1');
  await form.locator('button.go').click();
  await expect(page.locator('.flash, [role=alert]').first()).toContainText('1');
  await expect(form.locator('#name')).toHaveValue('Nửa đầu, sửa lại');
  await form.locator('#lines').fill(lines);
  await form.locator('button.go').click();
  await expect(page.locator('tr', { hasText: 'Nửa đầu, sửa lại' })).toBeVisible();

  // Tomorrow's hours are somebody else's. They are said once: a minute may pass before they are read again.
  const [from, to] = [local(26), local(28)];
  const asShown = (at: string) => at.replace(/(....)-(..)-(..)T/, '$3/$2/$1 ');
  await page.locator('.tabs a[href$="/changes"]').click();
  await page.locator('summary', { hasText: 'Thay người' }).click();
  const over = page.locator('form[action$="/overrides"]');
  await over.locator('.when input[type=text]').first().fill(asShown(from));
  await over.locator('.when input[type=text]').nth(1).fill(asShown(to));
  await over.locator('select[name=who]').first().selectOption({ label: OTHER });
  await over.locator('input[name=why]').fill('Tập huấn');
  await over.locator('button.go').click();
  await expect(page.locator('main tr', { hasText: 'Tập huấn' })).toContainText(OTHER);

  // That person asks, on a telephone, from the list of their turns: the hours are there already.
  const hand = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh' });
  const phone = await hand.newPage();
  await firstSignIn(phone, centre, 'nguoi.thay', code);
  await phone.goto(`${centre.url}/roster/mine`);
  await phone.locator('tr', { hasText: POST }).first().locator('a', { hasText: 'Xin đổi ca' }).tap();
  const swap = phone.locator('form[action$="/swaps"]');
  await expect(swap.locator('input[name=from]')).toHaveValue(from);
  await swap.locator('select[name=taker]').selectOption({ label: me.name });
  await swap.locator('input[name=why]').fill('Đi công tác');
  await swap.locator('button.go').tap();
  await expect(phone.locator('#swaps tr', { hasText: 'Đi công tác' })).toContainText('Chờ người nhận');
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

  // Taken, approved, and shown.
  await page.goto(`${centre.url}/roster/mine`);
  await page.locator('li', { hasText: 'Đi công tác' }).locator('button[value="1"]').click();
  await page.goto(`${centre.url}/roster/posts`);
  await page.locator('table a', { hasText: POST }).click();
  await page.locator('.tabs a[href$="/changes"]').click();
  await page.locator('#swaps tr', { hasText: 'Đi công tác' }).locator('button[value="1"]').click();
  await expect(page.locator('#swaps tr', { hasText: 'Đi công tác' })).toContainText('Đã duyệt');
  await phone.goto(`${centre.url}/roster/mine`);
  await expect(phone.locator('main tr', { hasText: POST })).toHaveCount(0);
  await hand.close();

  // The table that goes out comes back in: what it would change is shown before it is written.
  await page.locator('.tabs a').first().click();
  const table = await page.request.get(`${page.url().split('?')[0]}/table`);
  await page.goto(`${centre.url}/register/import/shifts`);
  await page.setInputFiles('#file', { name: 'ca.csv', mimeType: 'text/csv', buffer: await table.body() });
  await page.locator('form[data-drop] button').click();
  await page.locator('form[action$="/apply"] button').click();
  await page.waitForURL(/\/roster\/posts$/);
  await expect(page.locator('.flash').first()).toBeVisible();
});
