// An inspection on a telephone whose network goes away in the middle of it.
import { expect, test, type Page } from '@playwright/test';
import { Centre } from './centre.ts';
import { firstSignIn } from './sign_in.ts';

let centre: Centre;

test.describe.configure({ mode: 'serial' });
test.use({ viewport: { width: 390, height: 844 } });
test.beforeAll(async () => {
  test.setTimeout(180_000);
  centre = await Centre.start();
});
test.afterAll(() => centre?.stop());

/** A photo as a camera makes it: drawn by the browser itself, larger than what is sent. */
async function photo(page: Page): Promise<Buffer> {
  const url = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2400, 1800];
    const draw = canvas.getContext('2d')!;
    draw.fillStyle = '#246';
    draw.fillRect(0, 0, 2400, 1800);
    return canvas.toDataURL('image/jpeg', 0.9);
  });
  return Buffer.from(url.split(',')[1], 'base64');
}

test('answers and a photo given without a network are kept, survive closing the page, and are sent once', async ({ page, context }) => {
  test.setTimeout(120_000);
  await firstSignIn(page, centre);
  await page.goto(`${centre.url}/inspections?state=under-way`);
  await page.locator('table tbody a').first().click();
  await page.waitForURL(/\/inspections\/[0-9a-f-]{36}$/);
  const state = page.locator('[data-visit-state]');
  await expect(state).toHaveText('Đã gửi hết');
  // The worker that lets the page be opened again has taken over, and has seen the page once.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await expect(state).toHaveText('Đã gửi hết');

  await context.setOffline(true);
  const bad = page.locator('[data-item="default-passwords"]');
  await bad.locator('input[type=radio][value=bad]').check();
  await bad.locator('textarea').fill('camera cổng sau còn mật khẩu của hãng');
  await page.locator('[data-item="mfa"] input[type=radio][value=ok]').check();
  await bad.locator('input[data-photo]').setInputFiles({ name: 'camera.jpg', mimeType: 'image/jpeg', buffer: await photo(page) });
  await expect(bad.locator('.photos .waits img')).toBeVisible();
  await expect(bad.locator('[data-said]')).toHaveText('Đã lưu trên máy');
  await expect(state).toContainText('3 mục đã lưu trên máy, chưa gửi');
  // Ending the visit waits until everything has arrived.
  await page.fill('#met_by', 'Chủ tịch xã');
  await page.click('button[value="finish"]');
  await expect(page).toHaveURL(/\/inspections\/[0-9a-f-]{36}$/);

  // A telephone throws the page away while its camera is open; it opens again without a network.
  await page.reload();
  await expect(page.locator('[data-item="default-passwords"] input[type=radio][value="bad"]')).toBeChecked();
  await expect(page.locator('[data-item="default-passwords"] textarea')).toHaveValue('camera cổng sau còn mật khẩu của hãng');
  await expect(page.locator('[data-item="default-passwords"] .photos .waits img')).toBeVisible();
  await expect(state).toContainText('3 mục đã lưu trên máy, chưa gửi');

  await context.setOffline(false);
  await expect(state).toHaveText('Đã gửi hết', { timeout: 30_000 });
  await page.reload();
  await expect(state).toHaveText('Đã gửi hết');
  await expect(page.locator('[data-item="default-passwords"] input[type=radio][value="bad"]')).toBeChecked();
  await expect(page.locator('[data-item="mfa"] input[type=radio][value="ok"]')).toBeChecked();
  const kept = page.locator('[data-item="default-passwords"] .photos img');
  await expect(kept).toHaveCount(1);
  // An image below the screen is not fetched before it is needed.
  await kept.scrollIntoViewIfNeeded();
  const width = await kept.evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth));
  expect(width).toBe(1600);
});
